"""Files that are whole or absent, also for another process and after a kill."""

import os
import tempfile
from pathlib import Path
from typing import IO


def new_part(path: Path) -> tuple[Path, IO[bytes]]:
    """Open a new file beside `path`, to be renamed to it once it is complete.

    Its name is its own (`….part`), so that two writers of one path never share a file. Readable by
    its owner only. Raises OSError where the folder cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    return Path(name), os.fdopen(handle, "w+b")
