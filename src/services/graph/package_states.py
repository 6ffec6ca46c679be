"""The state of every package: of one with all that is known of it, and of all by their number."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError, StoreError
from src.schemas.package import STATUS_REMOVED
from src.schemas.package_state import PackageState, State
from src.services.dbs.graph_driver import GraphDriver, Row
from src.services.graph import state_cypher as cypher
from src.services.graph.rows import chunks, rows_of
from src.services.graph.state_store import PackageRun, RecordedFailure, StateStore
from src.utils.failure_policy import FailurePolicy
from src.utils.keys import admit_key
from src.utils.purl import make_purl


@dataclass(frozen=True, slots=True)
class _Node:
    """What decides about the state in the package's own node; `moment` is None of a bare one."""

    moment: int | None
    removed: bool


class PackageStates:
    """Reads the states of packages; raises StoreError."""

    def __init__(self, graph: GraphDriver) -> None:
        """Read `graph`."""
        self._graph = graph
        self._bookkeeping = StateStore(graph)

    async def state_of(
        self, ecosystem: Ecosystem, name: str, *, policy: FailurePolicy, now_ms: int
    ) -> PackageState:
        """Return all that the graph knows of one package, by its canonical name.

        `policy` tells when a failure is tried again. Raises StoreError where the graph never heard
        of the package, InvalidKeyError for what can be no name.
        """
        key = admit_key(name)
        rows = await self._graph.run(cypher.package(ecosystem), {"name": key})
        node = _node(rows[0]) if rows else None
        failure = await self._bookkeeping.failure(ecosystem, name)
        run = await self._bookkeeping.run(ecosystem, name)
        state = _decide(node, failure, run, now_ms)
        if state is None:
            raise StoreError(f"the graph has no package {name} of {ecosystem.osv_name}")
        told = PackageState(name, make_purl(ecosystem, name), state)
        if rows:
            told = await self._with_node(told, ecosystem, rows[0])
        if failure is not None:
            told = _with_failure(told, failure, policy)
        if run is not None and state is State.RUNNING:
            told = replace(told, running_since=run.started)
        if run is not None and state is State.QUEUED:
            told = replace(told, interrupted=_open(run, node, failure))
        return told

    async def _with_node(self, told: PackageState, ecosystem: Ecosystem, row: Row) -> PackageState:
        key = {"name": told.name}
        [offered] = await self._graph.run(cypher.offered(ecosystem), key)
        [withdrawn] = await self._graph.run(cypher.withdrawn(ecosystem), key)
        both = (offered, withdrawn)
        return replace(
            told,
            purl=str(row["purl"] or told.purl),
            published_first=min((str(r["first"]) for r in both if r["first"]), default=""),
            published_last=max((str(r["last"]) for r in both if r["last"]), default=""),
            discovered=_number(row["discovered"]),
            visible=_number(row["visible"]),
            refreshed=_number(row["moment"]),
            versions=_number(offered["versions"]) or 0,
            revision=str(row["revision"]),
        )

    async def summary(self, ecosystem: Ecosystem, *, now_ms: int) -> dict[str, int]:
        """Return how many packages of an ecosystem are in each state.

        Cheap on millions of packages: whole labels are counted, waiting and removed ones by their
        indexes, and only those that failed or are under way are looked at one by one.
        """
        failures = {f.name: f for f in await self._bookkeeping.failures(ecosystem)}
        runs = {run.name: run for run in await self._bookkeeping.runs(ecosystem)}
        counted = await self._counted(ecosystem)
        special = failures.keys() | runs.keys()
        nodes = await self._nodes(ecosystem, special)
        for name in special:
            node = nodes.get(name)
            plain = _decide(node, None, None, now_ms)
            state = _decide(node, failures.get(name), runs.get(name), now_ms)
            # Of a run that is over its node tells; of one that never had a node, nothing is left.
            counted.update([state] if state is not None else [])
            counted.subtract([plain] if plain is not None else [])
        # The counts are not of one instant: a package may move between two of them.
        return {state.value: max(0, counted[state]) for state in State}

    async def _counted(self, ecosystem: Ecosystem) -> Counter[State]:
        """Count by what the nodes alone tell."""
        known, waiting, removed = [
            _number((await self._graph.run(query, parameters))[0]["number"]) or 0
            for query, parameters in (
                (cypher.count_known(ecosystem), {}),
                (cypher.count_waiting(ecosystem), {}),
                (cypher.count_removed(ecosystem), {"removed": STATUS_REMOVED}),
            )
        ]
        return Counter(
            {State.STORED: known - waiting - removed, State.QUEUED: waiting, State.GONE: removed}
        )

    async def _nodes(self, ecosystem: Ecosystem, names: Collection[str]) -> Mapping[str, _Node]:
        found: dict[str, _Node] = {}
        for part in chunks(sorted(name for name in names if _admissible(name))):
            for row in await self._graph.run(cypher.nodes(ecosystem), rows_of(part)):
                found[str(row["name"])] = _node(row)
        return found


def _decide(
    node: _Node | None, failure: RecordedFailure | None, run: PackageRun | None, now_ms: int
) -> State | None:
    """Return the state, None of what the graph knows nothing of."""
    under_way = run is not None and _open(run, node, failure)
    if run is not None and under_way and not run.interrupted(now_ms):
        return State.RUNNING
    if failure is not None:
        return State.FAILED
    if under_way or (node is not None and node.moment is None):
        return State.QUEUED
    if node is None:
        return None
    return State.GONE if node.removed else State.STORED


def _open(run: PackageRun, node: _Node | None, failure: RecordedFailure | None) -> bool:
    """Whether the run has not come to an end: neither node nor failure is younger than it."""
    moment = node.moment if node is not None and node.moment is not None else 0
    return run.started > max(moment, failure.last_seen if failure is not None else 0)


def _with_failure(
    told: PackageState, failure: RecordedFailure, policy: FailurePolicy
) -> PackageState:
    next_try = policy.next_try(failure.attempts, failure.last_seen)
    return replace(
        told,
        reason=failure.reason,
        detail=failure.detail,
        attempts=failure.attempts,
        next_try=next_try,
        given_up=next_try is None,
    )


def _node(row: Row) -> _Node:
    return _Node(_number(row["moment"]), bool(row["removed"]))


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _admissible(name: str) -> bool:
    try:
        admit_key(name)
    except InvalidKeyError:
        return False
    return True
