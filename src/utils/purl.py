"""Package URLs: one injective function from (ecosystem, name, version) to text.

The purl libraries lower-case npm names and keep the dots of PyPI names, so what they print is not a
key. Ours takes the registry's canonical name as it is and percent-encodes by the purl specification
(https://github.com/package-url/purl-spec, "Character encoding").
"""

from collections.abc import Mapping
from urllib.parse import quote

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.utils.keys import admit_key

_NAMESPACE_SEPARATORS = {Ecosystem.MAVEN: ":", Ecosystem.NPM: "/"}


def make_purl(
    ecosystem: Ecosystem,
    name: str,
    version: str = "",
    *,
    qualifiers: Mapping[str, str] | None = None,
) -> str:
    """Return the purl of a package, or of one of its versions.

    `name` is canonical; npm scopes (`@scope/name`) and Maven groups (`group:artifact`) become the
    namespace. Raises InvalidKeyError where the result may not be a key.
    """
    separator = _NAMESPACE_SEPARATORS.get(ecosystem)
    parts = name.split(separator, 1) if separator else [name]
    purl = f"pkg:{ecosystem.purl_type}/" + "/".join(_encode(part) for part in parts)
    if version:
        purl += f"@{_encode(version)}"
    if qualifiers:
        pairs = (f"{key}={_encode(value)}" for key, value in sorted(qualifiers.items()) if value)
        purl += "?" + "&".join(pairs)
    return admit_key(purl)


def _encode(text: str) -> str:
    # The specification leaves letters, digits and ".-_~:" as they are.
    try:
        return quote(text, safe=".-_~:")
    except UnicodeEncodeError as error:
        raise InvalidKeyError(f"not valid Unicode: {text[:80]!r}") from error
