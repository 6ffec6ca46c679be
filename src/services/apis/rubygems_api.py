"""RubyGems: the compact index (`/versions`, `/info`), the JSON API, and gem files.

The legacy dependency API, the Marshal indexes and the activity feeds are not used: they are closed,
lack dates, or hold the last 50 changes only.
"""

from collections.abc import AsyncIterator, Iterator

from src.cache import FileCache
from src.schemas.ecosystem import Ecosystem
from src.schemas.package import KnownPackage, ListedPackage, PackageRecord
from src.services.apis.base import ChangeFeed, Listing
from src.services.apis.rubygems_gem import GemReader, RubyGemsOptions
from src.services.apis.rubygems_versions import VersionsFile
from src.session import HttpSession
from src.utils.rubygems.documents import GemDocuments
from src.utils.rubygems.index import Position
from src.utils.rubygems.names import canonical_name
from src.utils.rubygems.record import build_record


class RubyGemsClient:
    """Reads RubyGems, or a mirror of it that serves the same documents."""

    ecosystem: Ecosystem = Ecosystem.RUBYGEMS

    def __init__(
        self,
        http: HttpSession,
        *,
        base_url: str,
        cache: FileCache,
        options: RubyGemsOptions | None = None,
    ) -> None:
        """Take the registry's one address; nothing is asked yet."""
        base_url = base_url.rstrip("/")
        self._versions = VersionsFile(http, f"{base_url}/versions", cache)
        self._gems = GemReader(http, base_url, self._versions, options or RubyGemsOptions())

    def canonical_name(self, name: str) -> str:
        """Return the name as it is; raises InvalidKeyError on what is no gem name."""
        return canonical_name(name)

    async def listing(self) -> Listing:
        """Return every gem of the versions file, from the cache for an hour.

        Raises InvalidPayloadError where the answer is not the whole file.
        """
        index = await self._versions.cached()
        return Listing(
            position=str(index.head()),
            packages=_listed((name, md5, "") for name, md5, _ in index.gems()),
            total=len(index),
        )

    async def changes(self, since: str) -> ChangeFeed:
        """Return the gems whose lines stand behind `since`, in the file's order.

        All of them where `since` is "" or the file was built anew. Always asks the registry, with
        one or two requests. Raises InvalidKeyError where `since` is no position of ours, and what
        `listing` does.
        """
        place = Position.parse(since) if since else None
        index = await self._versions.current()
        entries = ((name, md5, str(position)) for name, md5, position in index.gems(place))
        return ChangeFeed(position=str(index.head(place)), packages=_listed(entries), names=index)

    async def fetch(self, package: ListedPackage, known: KnownPackage) -> GemDocuments:
        """Fetch the documents of one gem; see `GemReader.fetch`."""
        return await self._gems.fetch(package, known)

    def parse(self, documents: GemDocuments) -> PackageRecord:
        """Turn them into a record; see `build_record`."""
        return build_record(documents)


async def _listed(entries: Iterator[tuple[str, str, str]]) -> AsyncIterator[ListedPackage]:
    for name, md5, position in entries:
        yield ListedPackage(name=name, revision=md5, position=position)
