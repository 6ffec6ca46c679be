"""What every part of the stack is told, and what a part is."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from src.local_stack.environ import process_environment
from src.local_stack.layout import CLONE, Layout
from src.local_stack.ports import HOST
from src.local_stack.processes import PART_MARK, STACK_MARK
from src.local_stack.replay.addresses import replayed_addresses

REPLAY_GRAPH = "securechain"
LIVE_GRAPH = "securechain_live"
"""Packages of the real registries stay apart: serials of the sample mean nothing there."""


def advisory_address(port: int) -> str:
    """Return the address of the stack's advisory server, whose writes are on disk once acknowledged."""
    return f"mongodb://{HOST}:{port}/?directConnection=true&journal=true"


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the stack runs: Dagster's definitions and the sample registry."""

    module: str = "src.dagster_app"
    folder: Path = CLONE
    """Where the module is imported from."""
    samples: Path = CLONE / "samples"


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of the stack: where, on which ports and against which registries."""

    layout: Layout
    ports: Mapping[str, int]
    live: bool
    told: Definitions

    def address(self, part: str) -> str:
        """Return the HTTP address of a part."""
        return f"http://{HOST}:{self.ports[part]}"

    def environment(self) -> dict[str, str]:
        """Return the settings that make a process use this stack."""
        graph = LIVE_GRAPH if self.live else REPLAY_GRAPH
        values = {
            "GRAPH_DB_URI": f"falkordb://{HOST}:{self.ports['graph']}/{graph}",
            "VULN_DB_URI": advisory_address(self.ports["advisories"]),
            "REDIS_HOST": HOST,
            "REDIS_PORT": str(self.ports["graph"]),
            "REDIS_DB": "0",
            "DAGSTER_HOME": str(self.layout.dagster_home),
            "CACHE_DIR": str(self.layout.cache),
        }
        if not self.live:
            values |= replayed_addresses(self.address("registry"))
            values |= {"HTTP_RATE_PER_SECOND": "0", "MAVEN_RATE_PER_SECOND": "0"}
        return values


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the stack. A further one is a further line of `parts.PARTS`."""

    name: str
    command: Callable[[Launch], list[str]]
    check: Callable[[Launch, float], None]
    """Asks the part, given the start of its process, and raises PartNotReadyError."""
    wave: int
    """Parts of a wave start together, once the waves before answer."""
    port: int = 0
    """The port wished for; 0 for a part that listens nowhere."""
    scheme: str = "http"
    replay_only: bool = False
    """It has no work when the real registries are used."""
    runs_definitions: bool = False
    """It is a part of Dagster and holds the settings of the stack."""
    ask_to_stop: Callable[[Launch], None] | None = None
    """Another way than SIGTERM to stop it, without waiting for the end."""
    start_seconds: float = 60.0
    stop_seconds: float = 10.0

    def address(self, launch: Launch) -> str:
        """Return the address that a user would call, "" for a part that has none."""
        if not self.port or self.name not in launch.ports:
            return ""
        return f"{self.scheme}://{HOST}:{launch.ports[self.name]}"

    def environment(self, launch: Launch) -> dict[str, str]:
        """Return the environment of its process: the caller's, the marks and the settings."""
        values = dict(process_environment()) | self._own_environment(launch)
        values[STACK_MARK] = str(launch.layout.home)
        values[PART_MARK] = self.name
        values["PYTHONUNBUFFERED"] = "1"
        return values

    def launch_hash(self, launch: Launch) -> str:
        """Return what changes when a running process no longer is what would be started."""
        told = [self.command(launch), sorted(self._own_environment(launch).items())]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def _own_environment(self, launch: Launch) -> dict[str, str]:
        paths = [str(launch.told.folder), str(CLONE)] if self.runs_definitions else [str(CLONE)]
        settings = launch.environment() if self.runs_definitions else {}
        return settings | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def python(*arguments: str) -> list[str]:
    """Return the command that runs this interpreter."""
    return [sys.executable, *arguments]
