"""Serves a generated registry as a process: `python -m bench.registry --packages 2000 --delay-ms 20`."""

import argparse

from bench.generated import GeneratedSource, Shape
from bench.npm_names import NpmNames
from bench.osv_records import OSVRecords
from src.local_stack.replay import Source
from src.local_stack.replay.app import ReplayApp
from src.local_stack.replay.server import HOST, PromptServer, listen


def main() -> None:
    """Print the address, then serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, default=0, help="of a PyPI with all documents")
    parser.add_argument("--npm-names", type=int, default=0, help="of an npm that is names alone")
    parser.add_argument(
        "--advisories", type=int, nargs="+", help="sizes of an OSV database that is there in each"
    )
    parser.add_argument("--delay-ms", type=float, default=0.0)
    options = parser.parse_args()
    app = ReplayApp(_source(options))
    app.delay_seconds = options.delay_ms / 1000
    server = listen()
    print(f"http://{HOST}:{server.getsockname()[1]}", flush=True)
    PromptServer(app).run(sockets=[server])


def _source(options: argparse.Namespace) -> Source:
    if options.npm_names:
        return NpmNames(options.npm_names)
    if options.advisories:
        return OSVRecords(options.advisories)
    return GeneratedSource(Shape(packages=options.packages))


if __name__ == "__main__":
    main()
