"""DAGSTER_HOME, and what the dagster.yaml there asks for."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from src.local_stack.doctor.finding import Finding, problem, warning
from src.local_stack.doctor.machine import check_folder
from src.local_stack.environ import process_environment

PART = "dagster"


class InstanceFileError(Exception):
    """The dagster.yaml cannot be read; the message says why and holds nothing of its content."""


def check_dagster_home() -> Finding:
    """See whether DAGSTER_HOME is a folder that can be written, with a dagster.yaml that works."""
    home = process_environment().get("DAGSTER_HOME")
    if not home:
        return warning(
            PART,
            "DAGSTER_HOME is not set, so Dagster forgets its runs when it ends",
            "run `ssc up`, or set it to the absolute path of dagster_home",
        )
    path = Path(home)
    if not path.is_absolute():
        return problem(PART, "DAGSTER_HOME is not an absolute path", "make it one")
    if not path.is_dir():
        return problem(PART, f"DAGSTER_HOME is {path}: no such folder", "create or correct it")
    if not (path / "dagster.yaml").is_file():
        return warning(
            PART,
            f"{path} holds no dagster.yaml, so Dagster uses its defaults",
            "copy dagster_home/dagster.yaml there",
        )
    return _check_file(path) or check_folder(PART, path, "give it to the user who runs Dagster")


def uses_postgres() -> bool:
    """Tell whether Dagster keeps its runs in PostgreSQL; a broken file is check_dagster_home's."""
    home = process_environment().get("DAGSTER_HOME")
    if not home:
        return False
    try:
        storage = read_instance(Path(home) / "dagster.yaml").get("storage")
    except InstanceFileError:
        return False
    return isinstance(storage, Mapping) and "postgres" in storage


def read_instance(path: Path) -> Mapping[str, object]:
    """Return what a dagster.yaml says.

    Raises:
        InstanceFileError: it cannot be read, or holds something else than settings.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InstanceFileError(f"line {line} is no YAML") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InstanceFileError(f"it cannot be read ({type(error).__name__})") from error
    if not isinstance(content, Mapping | None):
        raise InstanceFileError("it holds no settings")
    return content or {}


def _check_file(home: Path) -> Finding | None:
    path = home / "dagster.yaml"
    try:
        asked = sorted(_variables(read_instance(path)))
    except InstanceFileError as error:
        return problem(PART, f"{path}: {error}", "compare it with dagster_home/dagster.yaml")
    missing = [name for name in asked if name not in process_environment()]
    if missing:
        # Dagster reads these itself, without the defaults of our settings and often without .env.
        return problem(
            PART,
            f"{path} asks for {', '.join(missing)}, unset in the environment",
            "set them in the environment of every Dagster process",
        )
    return None


def _variables(value: object) -> set[str]:
    """Return the variables that a part of the file takes from the environment."""
    if isinstance(value, Mapping):
        if set(value) == {"env"} and isinstance(value["env"], str):
            return {value["env"]}
        return {name for inner in value.values() for name in _variables(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in _variables(inner)}
    return set()
