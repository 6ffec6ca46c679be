"""`make bench`: packages, versions and edges a second, beside two floors of the same run."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.generated import Shape
from src.local_stack.stack import LocalStack

AIM = 0.75
DELAY_MS = 20.0
TIMEOUT_SECONDS = 900


def main() -> None:
    """Measure the floors and the ingestion, print them and keep them in .ssc/bench.json."""
    console = Console()
    shape = Shape(packages=int(os.environ.get("BENCH_PACKAGES", "2000")))
    versions = shape.packages * shape.versions
    with tempfile.TemporaryDirectory(prefix="ssc-bench-") as folder, _graph(Path(folder)) as graph:
        with _registry(shape, DELAY_MS) as registry:
            console.print(f"fetching all documents of {shape.packages:,} packages …")
            fetch = _measure("fetch", registry, f"{graph}-none", shape)
            console.print(f"ingesting them ({versions:,} versions) …")
            ingest = _measure("ingest", registry, f"{graph}-ingest", shape)
        with _registry(shape, 0.0) as registry:
            console.print("writing the same rows, prepared in memory …")
            write = _measure("write", registry, f"{graph}-write", shape)
    slower = max(fetch["seconds"], write["seconds"])
    ratio = slower / ingest["seconds"]
    table = Table("", "seconds", "packages/s", "versions/s", "edges/s", "peak MiB")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, one in (
        ("floor: fetch only", fetch),
        ("floor: write only", write),
        ("ingestion", ingest),
    ):
        seconds = one["seconds"]
        rates = [shape.packages, versions, one.get("edges", 0)]
        shown = [f"{rate / seconds:,.0f}" for rate in rates]
        table.add_row(name, f"{seconds:.1f}", *shown, f"{one['peak_mib']:.0f}")
    console.print(table)
    console.print(f"ratio to the slower floor: {ratio:.2f} (aim: {AIM})")
    result = {"fetch": fetch, "write": write, "ingest": ingest, "ratio": ratio, "at": time.time()}
    Path(".ssc").mkdir(exist_ok=True)
    Path(".ssc/bench.json").write_text(json.dumps(result, indent=1))


def _measure(what: str, registry: str, graph: str, shape: Shape) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.measure", what, "--registry", registry]
    command += ["--graph", graph, "--packages", str(shape.packages)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, timeout=TIMEOUT_SECONDS
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


@contextmanager
def _registry(shape: Shape, delay_ms: float) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.registry", "--packages", str(shape.packages)]
    command += ["--delay-ms", str(delay_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@contextmanager
def _graph(folder: Path) -> Iterator[str]:
    """Yield the address of graphs in a server of the benchmark's own."""
    stack = LocalStack.open(folder)
    stack.up(only={"graph"})
    try:
        yield stack.environment()["GRAPH_DB_URI"]
    finally:
        stack.down()


if __name__ == "__main__":
    main()
