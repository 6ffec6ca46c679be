"""What the project says of itself is what the code does."""

import re
import subprocess
from pathlib import Path

import pytest

from src.settings import Settings

ROOT = Path(__file__).parents[2]
TEMPLATE = (ROOT / "template.env").read_text()
DAGSTER_ONLY = {"DAGSTER_HOME", "PYTHONPATH"}
"""Variables of the container that Dagster and Python read, not we."""


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def test_template_env_shows_every_setting_and_no_other():
    shown = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", TEMPLATE, re.MULTILINE))
    known = {name.upper() for name in Settings.model_fields}
    assert shown - DAGSTER_ONLY == known


def test_template_env_shows_the_defaults(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    assert Settings(_env_file=ROOT / "template.env") == Settings(_env_file=None)


def test_registry_hosts_stand_in_two_places_only():
    hosts = {
        re.sub(r"^https?://([^/]+).*$", r"\1", str(field.default))
        for name, field in Settings.model_fields.items()
        if name.endswith("_url")
    }
    allowed = {"src/settings.py", "template.env", "uv.lock"}
    found = []
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if name in allowed:
            continue
        text = path.read_bytes()
        found += [(name, host) for host in hosts if host.encode() in text]
    assert hosts
    assert not found


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)`", (ROOT / "README.md").read_text()))
    assert named
    assert named <= targets
