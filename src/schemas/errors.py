"""Every error that the pipeline raises on purpose.

    IngestionError
    ├── InvalidKeyError            a name or purl that no graph may be asked to hold
    ├── InvalidConstraintError     a constraint that the ecosystem's rules cannot read
    ├── RegistryError              a registry could not be read
    │   ├── PackageNotFoundError       it answers 404 or 410: there is no such package
    │   ├── RegistryUnavailableError   it may work later (408, 429, 5xx, connection, open circuit)
    │   ├── RequestRefusedError        it refuses us (401, 403, other 4xx)
    │   ├── InvalidPayloadError        it answers what is not the promised document
    │   ├── PayloadTooLargeError       it answers more than the limit
    │   └── ForbiddenAddressError      a link leads away from the configured registries
    ├── ArchiveRefusedError        an artifact breaks a limit or tries to escape
    ├── StoreError                 a database could not do what it was asked
    │   └── StoreUnavailableError      it may work later
    ├── ParentNotFoundError        a message names a parent that the graph lacks
    ├── QueueError                 the message stream could not be read or written
    ├── ListingGuardError          a listing would remove too much to be believed
    └── ErrorRateError             too many packages failed for the run to be called a success

`transient` tells whether the same call may succeed later; nothing else decides about retries.
"""


class IngestionError(Exception):
    """Base of every error that is raised on purpose."""

    transient = False

    @property
    def reason(self) -> str:
        """A short stable word for counting, such as `package_not_found`."""
        name = type(self).__name__.removesuffix("Error")
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class InvalidKeyError(IngestionError):
    """A name or purl is empty, too long, padded or holds control characters."""


class InvalidConstraintError(IngestionError):
    """A constraint, or the version held against it, is not of the ecosystem's grammar."""


class RegistryError(IngestionError):
    """A registry could not be read."""

    def __init__(self, message: str, *, url: str = "", status: int | None = None) -> None:
        """Keep the address asked and, where an answer came, its HTTP status."""
        super().__init__(message)
        self.url = url
        self.status = status


class PackageNotFoundError(RegistryError):
    """The registry answers 404 or 410."""


class RegistryUnavailableError(RegistryError):
    """The registry could not answer now."""

    transient = True

    def __init__(
        self,
        message: str,
        *,
        url: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep how many seconds the registry asked us to wait, where it did."""
        super().__init__(message, url=url, status=status)
        self.retry_after = retry_after


class RequestRefusedError(RegistryError):
    """The registry refuses the request for good."""


class InvalidPayloadError(RegistryError):
    """The body is not the document that was asked for."""


class PayloadTooLargeError(RegistryError):
    """The body is larger than the limit set for it."""


class ForbiddenAddressError(RegistryError):
    """The address lies outside the configured registries."""


class ArchiveRefusedError(IngestionError):
    """An artifact has too many or too large entries, or entries that lead out of it."""


class StoreError(IngestionError):
    """A database could not do what it was asked."""


class StoreUnavailableError(StoreError):
    """A database cannot be reached now."""

    transient = True


class ParentNotFoundError(IngestionError):
    """What a message names as the parent of its package is not in the graph, or requires nothing."""


class QueueError(IngestionError):
    """The message stream could not be read or written."""

    transient = True


class ListingGuardError(IngestionError):
    """A listing misses more packages of the graph than can be believed."""


class ErrorRateError(IngestionError):
    """Too large a share of the packages failed."""
