"""`ssc queue …`: push requests onto the queue, and look at what stands in it."""

import json
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from src.cli.bridge import run
from src.cli.context import console, effective_settings, errors, plain_errors
from src.cli.purl_argument import read_purl
from src.cli.visible import about, moment, plain, shortened, span
from src.processes.queue.requests import Rejection, admit
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import InvalidKeyError
from src.services.queue.entries import StreamMessage
from src.services.queue.message_queue import MessageQueue, open_queue
from src.services.queue.message_stream import now_ms
from src.services.queue.queue_stats import QueueStats, WaitingMessage
from src.services.queue.redis_keys import QueueKeys
from src.utils.osv.fields import Problems
from src.utils.osv.packages import read_package

app = typer.Typer(
    help="Push requests onto the queue, and look at what stands in it.", no_args_is_help=True
)

_IDS_SHOWN = 20
_ERRORS_SHOWN = 10


@asynccontextmanager
async def configured_queue() -> AsyncIterator[MessageQueue]:
    """Yield the queue that the settings, or else the running local stack, lead to."""
    settings = effective_settings()
    async with open_queue(
        host=settings.redis_host,
        port=settings.redis_port,
        db=settings.redis_db,
        keys=QueueKeys(settings.redis_stream, settings.redis_group),
        consumer=f"{settings.redis_consumer}-operator",
    ) as queue:
        yield queue


@app.command()
def push(
    purl: Annotated[str, typer.Argument(help="a package URL, such as pkg:pypi/requests")] = "",
    *,
    node_type: Annotated[str, typer.Option(help="label in the graph (PyPIPackage, …)")] = "",
    package: Annotated[str, typer.Option(help="name; Maven: group:artifact")] = "",
    vendor: Annotated[str, typer.Option(help="who serves where the registry names nobody")] = "",
    repository_url: Annotated[str, typer.Option(help="likewise")] = "",
    constraints: Annotated[str, typer.Option(help="constraints of the parent's edge")] = "",
    parent_id: Annotated[str, typer.Option(help="element id of who requires it")] = "",
    parent_version: Annotated[str, typer.Option(help="its version, where it is a package")] = "",
    refresh: Annotated[bool, typer.Option("--refresh", help="extract again what is there")] = False,
    file: Annotated[str, typer.Option(help="a message in JSON a line; - is standard input")] = "",
) -> None:
    """Push one request, or those of a file: all of them, or none where one is wrong."""
    told = {
        "vendor": vendor,
        "repository_url": repository_url,
        "constraints": constraints,
        "parent_id": parent_id,
        "parent_version": parent_version,
        "refresh": refresh,
    }
    given = {key: value for key, value in told.items() if value}
    if sum((bool(purl), bool(node_type or package), bool(file))) != 1:
        raise typer.BadParameter("name a purl, or --node-type and --package, or --file")
    if file and given:
        raise typer.BadParameter("with --file every line tells all of its own message")
    with plain_errors():
        asked = _named(purl) if purl else {"node_type": node_type, "package": package}
        messages = (
            _lines(file) if file else [(0, json.dumps({**asked, **given, "moment": now_ms()}))]
        )
    ids = run(_push(_checked(messages)))
    for id_ in ids if len(ids) <= _IDS_SHOWN else []:
        console.print(id_)
    between = f": {ids[0]} … {ids[-1]}" if len(ids) > _IDS_SHOWN else ""
    noun = "message" if len(ids) == 1 else "messages"
    console.print(f"pushed {len(ids)} {noun} onto {effective_settings().redis_stream}{between}")


@app.command()
def stats(
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of a table")] = False,
) -> None:
    """Show what waits, with whom messages are, and what was given up."""
    found = run(_stats())
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
    else:
        console.print(stats_table(found))


@app.command()
def peek(
    count: Annotated[int, typer.Option(min=1, max=1000, help="messages at most")] = 10,
    retry: Annotated[bool, typer.Option("--retry", help="those that wait for a retry")] = False,
) -> None:
    """Show the messages that come next, or those that wait for a retry; takes nothing away."""
    console.print(_retries(run(_waiting(count))) if retry else _next(run(_peek(count))))


def stats_table(found: QueueStats) -> Table:
    """Draw how the queue is doing."""
    table = Table("what", "count", title="The queue", title_justify="left")
    table.columns[1].justify = "right"
    table.add_row("waiting", f"{found.waiting:,}")
    table.add_row("pending", f"{found.pending:,}")
    for consumer, number in sorted(found.consumers.items()):
        table.add_row(plain(f"  with {consumer}"), f"{number:,}")
    table.add_row("waiting for a retry", f"{found.retrying:,}")
    table.add_row("  due by now", f"{found.due:,}")
    if found.next_due_ms is not None:
        table.add_row("  the next is due", _due(found.next_due_ms))
    oldest = found.oldest_seconds
    table.add_row("age of the oldest", "-" if oldest is None else span(oldest))
    table.add_row("dead letters", f"{sum(found.dead_letters.values()):,}")
    for reason, number in sorted(found.dead_letters.items()):
        table.add_row(plain(f"  {shortened(reason, 60) or 'unknown'}"), f"{number:,}")
    return table


def _next(messages: Sequence[StreamMessage]) -> Table:
    table = Table("id", "asks for", "tries before", "steps", "first seen (UTC)")
    for message in messages:
        table.add_row(
            message.id,
            plain(about(message.data)),
            str(message.attempts),
            str(message.depth),
            moment(message.first_seen),
        )
    return table


def _retries(waiting: Sequence[WaitingMessage]) -> Table:
    table = Table("id", "asks for", "tries before", "due", "first seen (UTC)")
    for each in waiting:
        message = each.message
        table.add_row(
            plain(each.id),
            plain(about(message.data)),
            str(message.attempts),
            _due(each.due_ms),
            moment(message.first_seen),
        )
    return table


def _due(due_ms: int) -> str:
    left = (due_ms - now_ms()) / 1000
    return f"in {span(left)}" if left > 0 else "now"


def _canonical(ecosystem: Ecosystem, name: str) -> str:
    found = read_package({"ecosystem": ecosystem.osv_name, "name": name}, Problems())
    if found is None:
        raise InvalidKeyError(f"no name of a package in {ecosystem.osv_name}")
    return found[1]


def _named(purl: str) -> dict[str, Any]:
    named = read_purl(purl)
    if named.version:
        raise InvalidKeyError(f"a request is for a whole package; leave out @{named.version}")
    return {"node_type": named.ecosystem.label, "package": named.name}


def _lines(path: str) -> list[tuple[int, str]]:
    """Return the lines that are not empty with their numbers, from 1 on."""
    try:
        body = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"cannot read {path}: {error.strerror}") from error
    lines = enumerate(body.decode(errors="surrogateescape").split("\n"), start=1)
    return [(number, line.strip()) for number, line in lines if line.strip()]


def _checked(messages: Iterable[tuple[int, str]]) -> list[str]:
    """Return the messages if all of them are requests; else tell which are not, and end."""
    names = {ecosystem: partial(_canonical, ecosystem) for ecosystem in Ecosystem}
    texts, wrong = [], []
    for number, text in messages:
        admitted = admit(StreamMessage("0-0", {"data": text}), names)
        texts.append(text)
        if isinstance(admitted, Rejection):
            where = f"line {number}: " if number else ""
            wrong.append(f"{where}{admitted.reason}: {shortened(admitted.details, 500)}")
    for problem in wrong[:_ERRORS_SHOWN]:
        errors.print(plain(f"error: {problem}"))
    if len(wrong) > _ERRORS_SHOWN:
        errors.print(f"error: and {len(wrong) - _ERRORS_SHOWN} more lines")
    if wrong:
        errors.print("nothing was pushed")
        raise typer.Exit(1)
    return texts


async def _push(messages: Sequence[str]) -> list[str]:
    async with configured_queue() as queue:
        return await queue.stream.push(messages)


async def _stats() -> QueueStats:
    async with configured_queue() as queue:
        return await queue.inspector.stats()


async def _peek(count: int) -> list[StreamMessage]:
    async with configured_queue() as queue:
        return await queue.inspector.peek(count)


async def _waiting(count: int) -> list[WaitingMessage]:
    async with configured_queue() as queue:
        return await queue.inspector.retries(count)
