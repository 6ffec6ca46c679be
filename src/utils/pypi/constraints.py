"""Whether a version satisfies a PyPI constraint: PEP 440, as `packaging` has it."""

from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from src.schemas.errors import InvalidConstraintError
from src.schemas.package import ANY
from src.utils.pypi.file_names import parse_version


def satisfies(version: str, constraint: str) -> bool:
    """Whether `version` is one that `constraint` admits; "any" and "" admit all.

    A pre-release is admitted where the constraint's bounds admit it: PEP 440 leaves such versions out
    only where others are on offer, which a question about one version cannot know.
    Raises InvalidConstraintError for what PEP 440 cannot read.
    """
    specifiers = _parse(constraint)
    # `===` compares text, so that it can name a legacy version too.
    if parse_version(version) is None and not any(s.operator == "===" for s in specifiers):
        raise InvalidConstraintError(f"not a version of PEP 440: {version[:80]!r}")
    return specifiers.contains(version, prereleases=True)


@lru_cache(maxsize=65_536)
def _parse(constraint: str) -> SpecifierSet:
    try:
        return SpecifierSet("" if constraint == ANY else constraint)
    except InvalidSpecifier as error:
        raise InvalidConstraintError(f"not a specifier of PEP 440: {constraint[:80]!r}") from error
