"""A package on its way through the pipeline, and what became of it."""

from dataclasses import dataclass, field, replace

from src.schemas.errors import IngestionError, PackageNotFoundError
from src.schemas.package import UNKNOWN, KnownPackage, ListedPackage, PackageRecord


@dataclass(frozen=True, slots=True)
class Candidate:
    """A package to extract.

    `known` is what the graph already holds, `in_graph` whether it has a node there. `requested` was
    asked for by name, so that a 404 is an error of whoever asked unless the graph knows better.
    `offered` is what a listing, a feed or the graph itself leads to: a 404 is a surprise there, and
    many of them are not believed. `retried` failed in an earlier run too. `vendor` and `repository_url` serve where the registry
    gives none.
    """

    package: ListedPackage
    known: KnownPackage = field(default_factory=KnownPackage)
    in_graph: bool = False
    requested: bool = False
    offered: bool = False
    retried: bool = False
    vendor: str = UNKNOWN
    repository_url: str = UNKNOWN

    @property
    def refreshed(self) -> bool:
        """Whether the graph had it before, and somebody wanted it anew."""
        return self.in_graph and (self.offered or self.requested)

    def complete(self, record: PackageRecord) -> PackageRecord:
        """Return the record with vendor and repository filled in where the registry gave none."""
        return replace(
            record,
            vendor=self.vendor if record.vendor == UNKNOWN else record.vendor,
            repository_url=(
                self.repository_url if record.repository_url == UNKNOWN else record.repository_url
            ),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one candidate: a record to write, or the error that kept us from it."""

    candidate: Candidate
    record: PackageRecord | None = None
    error: IngestionError | None = None

    @property
    def gone(self) -> bool:
        """Whether the registry no longer offers a package that it, or the graph, had."""
        missing = isinstance(self.error, PackageNotFoundError)
        return missing and (self.candidate.in_graph or not self.candidate.requested)

    @property
    def surprising(self) -> bool:
        """Whether it is gone although nobody said so."""
        return self.gone and self.candidate.offered

    @property
    def failed(self) -> bool:
        """Whether this is an error to record and to try again."""
        return self.error is not None and not self.gone
