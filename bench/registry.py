"""Serves the generated registry as a process: `python -m bench.registry --delay-ms 20`."""

import argparse

from bench.generated import GeneratedSource, Shape
from src.local_stack.replay.app import ReplayApp
from src.local_stack.replay.server import HOST, PromptServer, listen


def main() -> None:
    """Print the address, then serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    options = parser.parse_args()
    app = ReplayApp(GeneratedSource(Shape(packages=options.packages)))
    app.delay_seconds = options.delay_ms / 1000
    server = listen()
    print(f"http://{HOST}:{server.getsockname()[1]}", flush=True)
    PromptServer(app).run(sockets=[server])


if __name__ == "__main__":
    main()
