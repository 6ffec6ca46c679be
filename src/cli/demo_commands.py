"""`ssc demo`: from nothing to a filled graph, on this machine, in one go."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from rich.table import Table

from src.cli.bridge import run
from src.cli.context import console, plain_errors, use_environment
from src.cli.graph_commands import configured_graph, show_dependents, show_fingerprint
from src.cli.queue_commands import configured_queue
from src.cli.vulns_command import vulns
from src.local_stack.stack import LocalStack
from src.schemas.ecosystem import Ecosystem
from src.services.graph.fingerprint import Fingerprint, fingerprint
from src.services.graph.inventory import inventory
from src.services.graph.package_store import Dependent, PackageStore

QUESTION = "idna"
VULNERABLE = "pkg:npm/minimist@1.2.0"
MESSAGES = (
    '{"node_type":"PyPIPackage","package":"requests","vendor":"Kenneth Reitz"}',
    '{"node_type":"PyPIPackage","package":"Jinja2","refresh":true}',
    '{"node_type":"PyPIPackage","package":"no-such-package-anywhere"}',
    '{"node_type":"PyPIPackage"}',
)
"""Two that succeed, one for a package that does not exist, one that breaks the schema."""

INGESTED = ("total_in_registry", "new_packages_ingested", "skipped_existing", "versions_added")
UPDATED = ("packages_processed", "total_versions", "versions_removed", "packages_gone")
SYNCED = ("records_seen", "records_changed", "records_withdrawn", "versions_reattributed")
DRAINED = ("total_processed", "successful", "failed", "validation_errors")

ARRIVALS = ("new", "yanked", "unlisted", "deprecated", "removed")
SHOWN = 3

Inventories = dict[Ecosystem, dict[str, str]]


def demo() -> None:
    """Fill a graph from the sample registry, update it, drain a queue, and ask a question."""
    started = time.monotonic()
    stack = LocalStack.open()
    _tell("Starting the graph, the advisory database and the sample registry on this machine")
    with plain_errors():
        stack.up(only={"graph", "advisories", "registry"}, report=_detail)
    # Before anything reads its settings: from here on, this process belongs to the local stack.
    use_environment(stack.environment())

    materialize = _materializer()
    _tell(f"Ingesting (day {stack.registry_day()} of the sample registry)")
    _show(INGESTED, {eco: materialize(f"{eco}_package_ingestion") for eco in Ecosystem})
    _show(SYNCED, {"osv": materialize("osv_advisories")})
    before = run(_inventories())
    day = stack.advance_registry_day()
    _tell(f"Updating (day {day}: releases, yanks, removals and advisories arrive)")
    _show(UPDATED, {eco: materialize(f"{eco}_packages_updates") for eco in Ecosystem})
    _show(SYNCED, {"osv": materialize("osv_advisories")})
    _show_arrivals(before, run(_inventories()))
    _tell(f"Draining {len(MESSAGES)} messages from the queue")
    run(_push())
    _show(DRAINED, {"queue": materialize("redis_queue_processor")})

    found, dependents = run(_look())
    show_fingerprint(found)
    show_dependents(QUESTION, dependents)
    vulns(VULNERABLE, as_json=False)
    console.print(f"\nDone in {time.monotonic() - started:.1f} s. The graph stays in .ssc/.")
    console.print(
        "Go on with [bold]make up[/]: Dagster's UI on http://localhost:3000 ([bold]make down[/] stops"
        " everything). Ask the graph with [bold]./ssc graph dependents NAME[/] or [bold]./ssc vulns PURL[/]."
    )


def _materializer() -> Callable[[str], dict[str, Any]]:
    """Return what materializes one asset in this process, as the UI would, and gives its metrics."""
    # Dagster takes seconds to import: only this command needs it, and only once the stack runs.
    import dagster as dg  # noqa: PLC0415

    from src.dagster_app import defs  # noqa: PLC0415

    job = defs.resolve_implicit_global_asset_job_def()

    def materialize(name: str) -> dict[str, Any]:
        begun = time.monotonic()
        with dg.DagsterInstance.get() as instance, console.status(name):
            result = job.execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey(name)],
                run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
            )
        metadata = result.asset_materializations_for_node(name)[0].metadata
        counted = {key: value.value for key, value in metadata.items()}
        return {**counted, "seconds": f"{time.monotonic() - begun:.1f}"}

    return materialize


def _show(metrics: tuple[str, ...], runs: Mapping[Any, Mapping[str, Any]]) -> None:
    columns = [*metrics, *(() if "failed" in metrics else ("errors",)), "seconds"]
    table = Table("", *(column.replace("_", " ") for column in columns))
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for name, counted in runs.items():
        table.add_row(str(name), *(str(counted[column]) for column in columns))
    console.print(table)


def _show_arrivals(before: Inventories, after: Inventories) -> None:
    """Print what the second day brought: what is new, marked, or gone."""
    console.print("What arrived:")
    for ecosystem in Ecosystem:
        moved = _moved(before[ecosystem], after[ecosystem])
        told = [f"{state} {_shortly(purls)}" for state, purls in moved.items() if purls]
        console.print(f"  {ecosystem}: {'; '.join(told) or 'nothing'}", markup=False)


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what is new or has another mark, by its state; versions of a removed package are in it."""
    gone = {purl for purl, state in after.items() if state == "removed" and "@" not in _bare(purl)}
    moved: dict[str, list[str]] = {state: [] for state in ARRIVALS}
    for purl, state in sorted(after.items()):
        name, _, version = _bare(purl).rpartition("@")
        if version and f"{purl.removesuffix(_bare(purl))}{name}" in gone:
            continue
        if purl not in before and version:
            moved["new"].append(_bare(purl))
        elif state and state != before.get(purl):
            moved[state].append(_bare(purl))
    return moved


def _bare(purl: str) -> str:
    """Return a purl without its type."""
    return purl.partition("/")[2]


def _shortly(purls: list[str]) -> str:
    more = f" and {len(purls) - SHOWN} more" if len(purls) > SHOWN else ""
    return ", ".join(purls[:SHOWN]) + more


async def _inventories() -> Inventories:
    async with configured_graph() as graph:
        return {ecosystem: await inventory(graph, ecosystem) for ecosystem in Ecosystem}


async def _push() -> None:
    async with configured_queue() as queue:
        await queue.stream.push(MESSAGES)


async def _look() -> tuple[Fingerprint, list[Dependent]]:
    async with configured_graph() as graph:
        dependents = await PackageStore(graph).dependents(Ecosystem.PYPI, QUESTION, 20)
        return await fingerprint(graph), dependents


def _tell(step: str) -> None:
    console.print(f"\n[bold cyan]▸ {step}[/]")


def _detail(step: str) -> None:
    console.print(f"  {step}", style="dim")
