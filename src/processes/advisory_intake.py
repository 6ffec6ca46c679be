"""Records into the advisory database, and from there to the versions that they concern.

The database notes with each change which packages wait for it, so that whatever ends the run, the next
one finds them: generations are raised, the packages attributed, and only then is the note taken away.
"""

import asyncio
import json
import logging
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from src.processes.attributor import Attributor
from src.schemas.advisory_summary import AdvisoryCounts
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidPayloadError
from src.services.vulnerability.advisory_store import AdvisoryStore, Waiting
from src.utils.growing_names import GrowingNames
from src.utils.osv.record import stored_form
from src.utils.osv.storable import storable

logger = logging.getLogger(__name__)

Document = Mapping[str, Any]
Form = dict[str, Any]

BATCH = 500
"""Records in memory at once."""

BY_OSV_NAME = {ecosystem.osv_name: ecosystem for ecosystem in Ecosystem}
_SPOOL_BYTES = 4_000_000
_TELL_EVERY = 10_000


@dataclass(slots=True)
class _Prepared:
    """Records in their stored form, those that could not be read among them, and why not."""

    forms: list[Form] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


class Intake:
    """Takes the records of one ecosystem, batch by batch, in flat memory.

    Records that leave the matching are held back: only when all were seen it is known whether they
    are few enough to be believed.
    """

    def __init__(
        self, advisories: AdvisoryStore, attributor: Attributor, counts: AdvisoryCounts
    ) -> None:
        """Store in `advisories`, have `attributor` follow, and add to `counts`."""
        self._advisories = advisories
        self._attributor = attributor
        self._counts = counts
        self._unmatched = GrowingNames()
        self._held = tempfile.SpooledTemporaryFile(_SPOOL_BYTES, "w+", encoding="utf-8")  # noqa: SIM115 - closed by __exit__
        self.withdrawing = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of what was held back and not stored."""
        self._held.close()

    async def take(self, documents: Sequence[Document]) -> None:
        """Store a batch of records, but hold back those that leave the matching."""
        prepared = await asyncio.to_thread(_prepare, documents)
        told = self._counts.seen // _TELL_EVERY
        self._counts.seen += len(documents)
        if self._counts.seen // _TELL_EVERY > told:
            logger.info("%d advisories seen", self._counts.seen)
        self._counts.errors.update(prepared.errors)
        staying = []
        for form in prepared.forms:
            if await self._leaves(form):
                self._held.write(json.dumps(form) + "\n")
                self.withdrawing += 1
            else:
                staying.append(form)
        await self._store(staying)

    async def take_held(self) -> None:
        """Store what was held back: it is believed."""
        self._held.seek(0)
        for forms in _batches(self._held):
            await self._store(forms)
            self._counts.withdrawn += len(forms)
        self._held.truncate(0)

    async def withdraw(self, ids: Sequence[str]) -> None:
        """Take records out of the matching that the source no longer has."""
        await self.follow(await self._advisories.mark_withdrawn(ids))
        self._counts.changed += len(ids)
        self._counts.withdrawn += len(ids)
        self._counts.vanished += len(ids)

    async def follow(self, waiting: Sequence[Waiting]) -> None:
        """Attribute the packages that wait for these changes, those that the graph holds."""
        keys = {key for each in waiting for key in each.keys}
        if keys:
            await self._advisories.raise_generations(sorted(keys))
        for ecosystem, names in sorted(_by_ecosystem(keys).items()):
            held = await self._attributor.store.held(ecosystem, names)
            for name in names - held:
                self._counts.unmatched += self._unmatched.add(f"{ecosystem}/{name}")
            done = await self._attributor.attribute(ecosystem, held)
            self._counts.packages += done.packages
            self._counts.versions += done.versions
        if waiting:
            await self._advisories.settle(waiting)

    async def _store(self, forms: Sequence[Form]) -> None:
        upserted = await self._advisories.upsert(forms)
        changed = {*upserted.new, *upserted.changed}
        self._counts.changed += len(changed)
        if upserted.refused:
            self._counts.errors["record_refused"] += len(upserted.refused)
        for form in forms:
            if form["_id"] in changed:
                self._counts.problems.update(form.get("matching", {}).get("problems", {}))
        await self.follow(upserted.waiting)

    async def _leaves(self, form: Form) -> bool:
        """Whether a record is withdrawn that still counts in the store."""
        if not form.get("matching", {}).get("withdrawn"):
            return False
        stored = await self._advisories.find(form["_id"])
        return stored is not None and not stored.get("withdrawn")


def _prepare(documents: Iterable[Document]) -> _Prepared:
    prepared = _Prepared()
    for document in documents:
        try:
            prepared.forms.append(stored_form(document))
        except InvalidPayloadError as error:
            prepared.errors[error.reason] += 1
            prepared.forms += _as_it_came(document)
    return prepared


def _as_it_came(document: Document) -> list[Form]:
    """Return a record that cannot be read in a form that no look-up finds, if it has an id.

    Without a date of change it is older than any other, and so never replaces a good one.
    """
    identity, modified = document.get("id"), document.get("modified")
    if not isinstance(identity, str) or not identity:
        return []
    try:
        kept = storable(document)
    except InvalidPayloadError:
        return []
    dated = modified if isinstance(modified, str) else ""
    return [{**kept, "_id": kept["id"], "modified": dated, "package_keys": []}]


def _batches(lines: Iterable[str]) -> Iterator[list[Form]]:
    batch: list[Form] = []
    for line in lines:
        batch.append(json.loads(line))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _by_ecosystem(keys: Iterable[str]) -> dict[Ecosystem, set[str]]:
    grouped: dict[Ecosystem, set[str]] = defaultdict(set)
    for key in keys:
        ecosystem, _, name = key.partition("/")
        if ecosystem in BY_OSV_NAME:  # else other software had stored it
            grouped[BY_OSV_NAME[ecosystem]].add(name)
    return grouped
