"""The commands of `ssc`; a group of its own is one module and one line here."""

import typer

from src.cli import dlq_commands, graph_commands, queue_commands
from src.cli.demo_commands import demo
from src.cli.doctor_command import doctor
from src.cli.failures_command import failures
from src.cli.package_command import package
from src.cli.stack_commands import down, env, logs, status, up
from src.cli.vulns_command import vulns
from src.cli.worker_command import worker
from src.logger import configure_logging


def _begin() -> None:
    """Let what goes wrong on the way be seen, whichever command runs."""
    configure_logging("WARNING")


app = typer.Typer(
    help="SecureChain SSC Ingestion: the local stack and the tools around it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    callback=_begin,
)
for command in (
    up,
    down,
    status,
    logs,
    env,
    doctor,
    demo,
    vulns,
    package,
    failures,
    worker,
):
    app.command()(command)
app.add_typer(graph_commands.app, name="graph")
app.add_typer(queue_commands.app, name="queue")
app.add_typer(dlq_commands.app, name="dlq")
