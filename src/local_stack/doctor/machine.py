"""This machine: Python, the folders that must take files, and DAGSTER_HOME."""

import shutil
import sys
import tempfile
from pathlib import Path

from src.local_stack.doctor.finding import Finding, ok, problem, warning
from src.local_stack.environ import process_environment
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


def check_dagster_home() -> Finding:
    """See whether DAGSTER_HOME is a folder with a dagster.yaml that can be written."""
    home = process_environment().get("DAGSTER_HOME")
    if not home:
        return warning(
            "dagster",
            "DAGSTER_HOME is not set, so Dagster forgets its runs when it ends",
            "run `ssc up`, or set it to the absolute path of dagster_home",
        )
    path = Path(home)
    if not path.is_absolute():
        return problem("dagster", "DAGSTER_HOME is not an absolute path", "make it one")
    if not path.is_dir():
        return problem("dagster", f"DAGSTER_HOME is {path}: no such folder", "create or correct it")
    if not (path / "dagster.yaml").is_file():
        return warning(
            "dagster",
            f"{path} holds no dagster.yaml, so Dagster uses its defaults",
            "copy dagster_home/dagster.yaml there",
        )
    return check_folder("dagster", path, "give it to the user who runs Dagster")


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
