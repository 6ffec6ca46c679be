"""Documents of RubyGems' compact index that are made on the way out, so that every hash is right.

`rubygems_info` is an info document in whose body `checksum:@` stands for the SHA-256 of the gem file
that the same day serves for that version. `rubygems_versions` is the versions file: `created_at`
and `lines`, each `[name, versions]` or, of a state that has passed, `[name, versions, md5]`.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from src.local_stack.replay.documents import Document
from src.local_stack.replay.makers import Lines, Maker, archive_bytes

PREFIX = "/rubygems"
_PLACEHOLDER = "checksum:@"


def info(path: str, lines: Lines) -> Document:
    """Return the info document of a gem."""
    line = lines[path]
    return _with_digest(_info_body(path, lines), line["content_type"])


def versions(path: str, lines: Lines) -> Document:
    """Return the versions file."""
    told = lines[path]["rubygems_versions"]
    rows = [_row(lines, *entry) for entry in told["lines"]]
    text = f"created_at: {told['created_at']}\n---\n{''.join(rows)}"
    return _with_digest(text.encode(), lines[path]["content_type"])


MAKERS: Mapping[str, Maker] = {"rubygems_info": info, "rubygems_versions": versions}


def _row(lines: Lines, name: str, versions: str, md5: str = "") -> str:
    if not md5:
        body = _info_body(f"{PREFIX}/info/{name}", lines)
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return f"{name} {versions} {md5}\n"


def _info_body(path: str, lines: Lines) -> bytes:
    name = path.rpartition("/")[2]
    checked = (_checked(name, text, lines) for text in lines[path]["body"].splitlines())
    return "".join(f"{text}\n" for text in checked).encode()


def _checked(name: str, text: str, lines: Lines) -> str:
    if _PLACEHOLDER not in text:
        return text
    gem: Mapping[str, Any] = lines[f"{PREFIX}/gems/{name}-{text.partition(' ')[0]}.gem"]
    checksum = hashlib.sha256(archive_bytes(gem["archive"], gem["entries"])).hexdigest()
    return text.replace(_PLACEHOLDER, f"checksum:{checksum}")


def _with_digest(body: bytes, content_type: str) -> Document:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return Document(body, content_type, {"repr-digest": f'sha-256="{digest}"'})
