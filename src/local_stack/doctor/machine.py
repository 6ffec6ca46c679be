"""This machine: Python, and the folders that must take files."""

import shutil
import sys
import tempfile
from pathlib import Path

from src.local_stack.doctor.finding import Finding, ok, problem, warning
from src.settings import Settings

OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 1024**3


def check_python(version: tuple[int, int] = (sys.version_info[0], sys.version_info[1])) -> Finding:
    """Compare the interpreter with the oldest one supported."""
    told = ".".join(str(number) for number in version)
    if version < OLDEST_PYTHON:
        return problem("python", f"this is Python {told}", "use Python 3.11 or newer")
    return ok("python", f"Python {told}")


def check_disk(settings: Settings) -> list[Finding]:
    """See whether the cache can be written and the disk has room."""
    return [check_folder("cache", settings.cache_dir, "correct CACHE_DIR, or its owner")]


def check_folder(part: str, folder: Path, advice: str) -> Finding:
    """Write a file into the folder, which is made if need be, and look at the space left."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return problem(part, f"{folder} cannot be written: {error.strerror}", advice)
    if free < LEAST_FREE_BYTES:
        return warning(part, f"{folder} has {free // 1024**2} MiB left", "make room on that disk")
    return ok(part, f"{folder} can be written, {free // 1024**3} GiB left")
