"""Where the local stack keeps everything: one folder, so that deleting it forgets the stack."""

from dataclasses import dataclass
from pathlib import Path

from src.local_stack.environ import process_environment

CLONE = Path(__file__).resolve().parents[2]
"""The folder of the clone: the working directory of every part, so that `-m src.…` is found."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The files and folders of one local stack."""

    home: Path

    @classmethod
    def find(cls, home: Path | None = None) -> "Layout":
        """Take the folder given, else SSC_HOME, else `.ssc` of the clone."""
        chosen = home or Path(process_environment().get("SSC_HOME") or CLONE / ".ssc")
        return cls(chosen.expanduser().resolve())

    @property
    def lock(self) -> Path:
        """Held by the one process that changes the stack."""
        return self.home / "lock"

    @property
    def state(self) -> Path:
        """Ports, process ids and mode."""
        return self.home / "state.json"

    @property
    def graph_data(self) -> Path:
        """The append-only file of the graph and the message stream."""
        return self.home / "graph"

    def advisory_data(self, *, live: bool) -> Path:
        """The advisories; those of the sample registry stay apart, as their database has one name."""
        return self.home / ("advisories-live" if live else "advisories")

    @property
    def advisories_config(self) -> Path:
        """The configuration of the advisory server: an empty file."""
        return self.home / "advisories.toml"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME of the local stack, never the one of production."""
        return self.home / "dagster"

    @property
    def dagster_storage(self) -> Path:
        """Where Dagster keeps runs and heartbeats; there once some process has set it up."""
        return self.dagster_home / "history" / "runs.db"

    @property
    def cache(self) -> Path:
        """Cached listings."""
        return self.home / "cache"

    @property
    def registry_day(self) -> Path:
        """Which day of the sample registry is served."""
        return self.home / "registry-day"

    def log(self, part: str) -> Path:
        """Return the log file of a part."""
        return self.home / "logs" / f"{part}.log"

    def create(self) -> None:
        """Make the folders, readable by their owner alone."""
        for folder in (self.graph_data, self.dagster_home, self.cache, self.home / "logs"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.advisories_config.touch()
        self.home.chmod(0o700)
