"""`ssc demo`: from nothing to a filled graph, on this machine, in one go."""

import json
import time
from collections.abc import Mapping

from rich.table import Table

from src.cli.bridge import run
from src.cli.context import console, plain_errors, use_environment
from src.cli.graph_commands import configured_graph, show_dependents, show_fingerprint
from src.local_stack.stack import LocalStack
from src.schemas.ecosystem import Ecosystem
from src.services.dbs.message_stream import open_stream
from src.services.graph.fingerprint import Fingerprint, fingerprint
from src.services.graph.package_store import Dependent, PackageStore
from src.settings import get_settings

QUESTION = "idna"
MESSAGES = (
    '{"node_type":"PyPIPackage","package":"requests","vendor":"Kenneth Reitz"}',
    '{"node_type":"PyPIPackage","package":"Jinja2","refresh":true}',
    '{"node_type":"PyPIPackage","package":"no-such-package-anywhere"}',
    '{"node_type":"PyPIPackage"}',
)
"""Two that succeed, one for a package that does not exist, one that breaks the schema."""


def demo() -> None:
    """Fill a graph from the sample registry, update it, drain a queue, and ask a question."""
    started = time.monotonic()
    stack = LocalStack.open()
    _tell("Starting the graph and the sample registry on this machine")
    with plain_errors():
        stack.up(only={"graph", "registry"}, report=_detail)
    # Before anything reads its settings: from here on, this process belongs to the local stack.
    use_environment(stack.environment())

    _tell(f"Ingesting PyPI (day {stack.registry_day()} of the sample registry)")
    _materialize("pypi_package_ingestion")
    day = stack.advance_registry_day()
    _tell(f"Updating PyPI (day {day}: releases, a yank and removals arrived)")
    _materialize("pypi_packages_updates")
    _tell(f"Draining {len(MESSAGES)} messages from the queue")
    run(_push())
    _materialize("redis_queue_processor")

    found, dependents = run(_look())
    show_fingerprint(found)
    show_dependents(QUESTION, dependents)
    console.print(f"\nDone in {time.monotonic() - started:.1f} s. The graph stays in .ssc/.")
    console.print(
        "Go on with [bold]make up[/]: Dagster's UI on http://localhost:3000 ([bold]make down[/] stops"
        " everything). Ask the graph with [bold]./ssc graph dependents NAME[/]."
    )


def _materialize(name: str) -> None:
    """Materialize one asset in this process, as the UI would, and show what it counted."""
    # Dagster takes seconds to import: only this command needs it, and only once the stack runs.
    import dagster as dg  # noqa: PLC0415

    from src.dagster_app import defs  # noqa: PLC0415

    begun = time.monotonic()
    job = defs.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.get() as instance, console.status(name):
        result = job.execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(name)],
            run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
        )
    metadata = result.asset_materializations_for_node(name)[0].metadata
    _show(name, {key: value.value for key, value in metadata.items()}, time.monotonic() - begun)


def _show(name: str, counted: Mapping[str, object], seconds: float) -> None:
    table = Table("metric", "value", title=f"{name} ({seconds:.1f} s)")
    table.columns[1].justify = "right"
    for metric, value in counted.items():
        table.add_row(metric, json.dumps(value) if isinstance(value, dict) else str(value))
    console.print(table)


async def _push() -> None:
    settings = get_settings()
    async with open_stream(
        host=settings.redis_host,
        port=settings.redis_port,
        db=settings.redis_db,
        stream=settings.redis_stream,
        group=settings.redis_group,
        consumer=settings.redis_consumer,
    ) as stream:
        for message in MESSAGES:
            await stream.push(message)


async def _look() -> tuple[Fingerprint, list[Dependent]]:
    async with configured_graph() as graph:
        dependents = await PackageStore(graph).dependents(Ecosystem.PYPI, QUESTION, 20)
        return await fingerprint(graph), dependents


def _tell(step: str) -> None:
    console.print(f"\n[bold cyan]▸ {step}[/]")


def _detail(step: str) -> None:
    console.print(f"  {step}", style="dim")
