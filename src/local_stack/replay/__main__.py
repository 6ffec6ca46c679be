"""Serves the sample registry as a process: `python -m src.local_stack.replay --port 8300`."""

import argparse
import sys
from pathlib import Path

from src.local_stack.replay.app import ReplayApp
from src.local_stack.replay.samples import SampleError, SampleSource, day_in_file
from src.local_stack.replay.server import HOST, PromptServer, listen


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop; return 1 where the port is taken or the sample unreadable."""
    parser = argparse.ArgumentParser(prog="python -m src.local_stack.replay", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--samples", type=Path, default=Path("samples"))
    parser.add_argument("--state", type=Path, help="file that holds the day, 1 or 2 (absent: 1)")
    options = parser.parse_args(arguments)
    try:
        day = day_in_file(options.state) if options.state else _first_day
        source = SampleSource(options.samples, day)
        source.documents(day())
        socket = listen(options.port)
    except (SampleError, OSError, OverflowError) as error:
        sys.stderr.write(f"cannot serve the sample registry: {error}\n")
        return 1
    sys.stdout.write(f"http://{HOST}:{socket.getsockname()[1]}\n")
    sys.stdout.flush()
    try:
        PromptServer(ReplayApp(source)).run(sockets=[socket])
    except KeyboardInterrupt:
        return 0
    return 0


def _first_day() -> int:
    return 1


if __name__ == "__main__":
    sys.exit(main())
