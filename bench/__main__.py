"""`make bench`: how fast, how much memory, how many requests. Nothing but this machine is asked."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.generated import Shape
from src.local_stack.ports import choose_port
from src.local_stack.replay.addresses import replayed_addresses
from src.local_stack.stack import LocalStack

AIM = 0.75
DELAY_MS = 20.0
TIMEOUT_SECONDS = 900
NPM_NAMES = 3_500_000
LISTING_MIB = 300
ADVISORIES = 50_000
READ_ADVISORIES = (10_000, 100_000)
ADVISORIES_GROWTH = 1.3

console = Console()


def main() -> None:
    """Run every measurement, print it and keep it in .ssc/bench.json."""
    with (
        tempfile.TemporaryDirectory(prefix="ssc-bench-") as folder,
        _databases(Path(folder)) as (graph, advisories),
    ):
        result = {
            "at": time.time(),
            "ingestion": _ingestion(graph),
            "listing": _listing(graph),
            "quiet_updates": _quiet_updates(graph, Path(folder)),
            "advisories": _advisories(graph, advisories),
        }
    Path(".ssc").mkdir(exist_ok=True)
    Path(".ssc/bench.json").write_text(json.dumps(result, indent=1))


def _ingestion(graph: str) -> dict[str, Any]:
    """Measure an ingestion of PyPI packages beside its two floors."""
    shape = Shape(packages=int(os.environ.get("BENCH_PACKAGES", "2000")))
    packages = ["--packages", str(shape.packages)]
    measured = {}
    for what, delay, told in (
        ("fetch", DELAY_MS, "fetching all documents"),
        ("ingest", DELAY_MS, "ingesting them"),
        ("write", 0.0, "writing the same rows, prepared in memory"),
    ):
        console.print(f"{told}: {shape.packages:,} packages, {_versions(shape):,} versions …")
        with _registry(*packages, "--delay-ms", str(delay)) as registry:
            options = ["--registry", registry, "--graph", f"{graph}-{what}", *packages]
            measured[what] = _run("bench.measure", what, *options)
    ratio = max(measured["fetch"]["seconds"], measured["write"]["seconds"])
    ratio /= measured["ingest"]["seconds"]
    table = _table("", "seconds", "packages/s", "versions/s", "edges/s", "peak MiB")
    for name, what in (
        ("floor: fetch only", "fetch"),
        ("floor: write only", "write"),
        ("ingestion", "ingest"),
    ):
        one = measured[what]
        rates = [shape.packages, _versions(shape), one.get("edges", 0)]
        shown = [f"{rate / one['seconds']:,.0f}" for rate in rates]
        table.add_row(name, f"{one['seconds']:.1f}", *shown, f"{one['peak_mib']:.0f}")
    console.print(table)
    console.print(f"ratio to the slower floor: {ratio:.2f} (aim: {AIM})\n")
    return {**measured, "ratio": ratio}


def _listing(graph: str) -> dict[str, Any]:
    """List npm and ask the graph which names are new; fails above the memory allowed."""
    names = int(os.environ.get("BENCH_NPM_NAMES", str(NPM_NAMES)))
    console.print(f"listing {names:,} npm names, and asking the graph which are new …")
    with _registry("--npm-names", str(names)) as registry:
        options = ["--registry", registry, "--graph", f"{graph}-names", "--names", str(names)]
        measured = _run("bench.listing", *options)
    console.print(
        f"listed in {measured['listed']:.0f} s, asked in {measured['seconds'] - measured['listed']:.0f} s,"
        f" peak {measured['peak_mib']:.0f} MiB (allowed: {LISTING_MIB})\n"
    )
    if measured["peak_mib"] > LISTING_MIB:
        raise SystemExit("the listing needs more memory than allowed")
    return measured


def _quiet_updates(graph: str, folder: Path) -> dict[str, Any]:
    """Count the requests of updates that find nothing; fails where they depend on the graph."""
    console.print("updating each ecosystem's sample when nothing has changed …")
    port = choose_port(8400)
    environment = {
        **replayed_addresses(f"http://127.0.0.1:{port}"),
        "CACHE_DIR": str(folder / "cache"),
        "HTTP_RATE_PER_SECOND": "0",
        "MAVEN_RATE_PER_SECOND": "0",
    }
    options = ["--port", str(port), "--graph", f"{graph}-quiet"]
    measured = _run("bench.quiet_updates", *options, environment=environment)
    table = _table("ecosystem", "packages", "requests", "packages", "requests")
    for ecosystem, ((few_asked, few), (all_asked, every)) in measured.items():
        table.add_row(ecosystem, *map(str, (few, few_asked, every, all_asked)))
    console.print(table)
    if any(few[0] != every[0] for few, every in measured.values()):
        raise SystemExit("a quiet update asks more for a larger graph")
    return measured


def _advisories(graph: str, server: str) -> dict[str, Any]:
    """Measure matching, a sync and a change; fails where memory grows with the records."""
    records = int(os.environ.get("BENCH_ADVISORIES", str(ADVISORIES)))
    few, many = READ_ADVISORIES
    console.print(f"matching, syncing {records:,} advisories, reading {few:,} and {many:,} …")
    with _registry("--advisories", *map(str, (records, few, many))) as registry:

        def run(what: str, records: int, *store: str) -> dict[str, Any]:
            name = f"{graph}-osv-{records if what == 'read' else ''}"
            options = ["--registry", registry, "--graph", name, "--records", str(records)]
            return _run("bench.advisories", what, *options, *store)

        measured = {
            "match": _run("bench.advisories", "match"),
            "sync": run("sync", records, "--advisories", server),
            "change": run("change", records, "--advisories", server),
            "few": run("read", few),
            "many": run("read", many),
        }
    _show_advisories(measured, {"sync": records, "few": few, "many": many})
    sync, few_read, many_read = (measured[what] for what in ("sync", "few", "many"))
    stored_growth = sync["peak_mib"] / sync["first_peak_mib"]
    read_growth = many_read["peak_mib"] / few_read["peak_mib"]
    if max(stored_growth, read_growth) > ADVISORIES_GROWTH:
        raise SystemExit("a sync of the advisories needs more memory for more records")
    return measured


def _show_advisories(measured: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
    rates = measured["match"]["checks_per_second"]
    console.print("checks of a version against an advisory:")
    table = _table("", *rates)
    table.add_row("checks/s", *(f"{rate:,.0f}" for rate in rates.values()))
    console.print(table)
    columns = ("records", "seconds", "records/s", "peak MiB", "after the 1st ecosystem")
    table = _table("", *columns)
    for told, what in (("full sync", "sync"), ("read only", "few"), ("read only", "many")):
        one, size = measured[what], sizes[what]
        shown = [f"{size:,}", f"{one['seconds']:.1f}", f"{size / one['seconds']:,.0f}"]
        table.add_row(told, *shown, *(f"{one[k]:.0f}" for k in ("peak_mib", "first_peak_mib")))
    console.print(table)
    change = measured["change"]
    console.print(
        f"one advisory changed: {change['versions']:,} versions attributed again in"
        f" {change['seconds']:.1f} s\n"
    )


def _versions(shape: Shape) -> int:
    return shape.packages * shape.versions


def _table(*columns: str) -> Table:
    table = Table(*columns)
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _run(
    module: str, *options: str, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run one measurement in a process of its own, so that its peak memory is its own too."""
    done = subprocess.run(
        [sys.executable, "-m", module, *options],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=TIMEOUT_SECONDS,
        env={**os.environ, **(environment or {})},
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@contextmanager
def _registry(*options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.registry", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@contextmanager
def _databases(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the address of graphs and that of advisories, in servers of the benchmark's own."""
    stack = LocalStack.open(folder)
    stack.up(only={"graph", "advisories"})
    try:
        environment = stack.environment()
        yield environment["GRAPH_DB_URI"], environment["VULN_DB_URI"]
    finally:
        stack.down()


if __name__ == "__main__":
    main()
