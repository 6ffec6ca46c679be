"""Which packages a run is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """The whole registry unless narrowed down.

    `names` lists packages outright, `prefix` keeps the names that begin with it, `limit` stops after
    so many packages, `refresh` extracts again what the graph already has.
    """

    names: tuple[str, ...] = ()
    limit: int | None = None
    prefix: str = ""
    refresh: bool = False

    @property
    def unrestricted(self) -> bool:
        """Whether the run is about the whole registry: only then may a feed cursor move."""
        return not self.names and self.limit is None and not self.prefix

    def admits(self, name: str) -> bool:
        """Whether the prefix lets this canonical name through."""
        return name.startswith(self.prefix)
