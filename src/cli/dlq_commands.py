"""`ssc dlq …`: the messages that were given up, looked at, sent again, or thrown away."""

import json
import re
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from src.cli.bridge import run
from src.cli.context import console, errors
from src.cli.queue_commands import configured_queue
from src.cli.visible import about, moment, plain, read_json, shortened, visible
from src.schemas.errors import QueueError
from src.services.queue.dead_letters import DeadLetters
from src.services.queue.entries import DeadLetter

app = typer.Typer(
    help="Look at messages that were given up, send them again, or throw them away.",
    no_args_is_help=True,
)

_SHOWN = 4_000
_ID = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")

All = Annotated[bool, typer.Option("--all", help="every dead letter")]
Reason = Annotated[str, typer.Option(help="those of one reason")]
Ids = Annotated[list[str] | None, typer.Option("--id", help="this one; may be given again")]


@app.command("list")
def list_command(
    reason: Annotated[str, typer.Option(help="those of one reason alone")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="rows at most")] = 20,
) -> None:
    """Show the dead letters, newest first."""
    letters, total = run(_newest(reason, limit))
    table = Table(
        *("id", "reason", "asks for", "tries", "first seen (UTC)", "given up (UTC)"),
        title=f"Dead letters, newest first: {len(letters):,} of {total:,}",
        title_justify="left",
    )
    for letter in letters:
        table.add_row(
            letter.id,
            plain(shortened(letter.reason, 60)),
            plain(about(letter.data)),
            str(letter.attempts),
            moment(letter.first_seen),
            moment(letter.failed_at),
        )
    console.print(table)


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="as `ssc dlq list` tells it")],
    full: Annotated[bool, typer.Option("--full", help="however long the message is")] = False,
) -> None:
    """Show everything of one dead letter."""
    (letter,) = run(_named([id_]))
    told = {
        "id": letter.id,
        "reason": letter.reason,
        "details": shortened(letter.details, _SHOWN),
        "tries": str(letter.attempts),
        "first seen": f"{moment(letter.first_seen)} UTC",
        "given up": f"{moment(letter.failed_at)} UTC",
        "message id": letter.message_id,
    }
    for name, value in told.items():
        console.print(plain(f"{name + ':':<12} {value}"))
    lines = _pretty(letter).split("\n")
    _print_lines(lines, None if full else _SHOWN)


@app.command()
def replay(every: All = False, reason: Reason = "", ids: Ids = None) -> None:
    """Send dead letters to the end of the queue, as if they had never been tried."""
    _choose_once(every, reason, ids)
    sent = run(_replay(reason, ids))
    console.print(f"sent {sent:,} again, to the end of the queue")


@app.command()
def purge(
    every: All = False,
    reason: Reason = "",
    ids: Ids = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask first")] = False,
) -> None:
    """Throw dead letters away for good; asks first."""
    _choose_once(every, reason, ids)
    chosen = run(_chosen(reason, ids))
    if chosen and not yes:
        _ask(len(chosen))
    console.print(f"threw {run(_purge(chosen)):,} away")


def _choose_once(every: bool, reason: str, ids: Sequence[str] | None) -> None:
    if sum((every, bool(reason), bool(ids))) != 1:
        raise typer.BadParameter("say which: --all, or --reason, or --id (as often as you like)")


def _ask(number: int) -> None:
    """Ask whether so many may go; ends the command where nobody can answer, or says no."""
    if not sys.stdin.isatty():
        errors.print(f"error: {number:,} would go for good, and nobody can be asked; add --yes")
        raise typer.Exit(1)
    noun = "dead letter" if number == 1 else "dead letters"
    typer.confirm(f"Throw {number:,} {noun} away for good?", abort=True)


def _pretty(letter: DeadLetter) -> str:
    """Return the message laid out where it is JSON, else as it came; line breaks are layout."""
    data = letter.data
    if data is None:
        return json.dumps(dict(letter.fields), indent=2, ensure_ascii=False)
    told = read_json(data)
    return visible(data) if told is None else json.dumps(told, indent=2, ensure_ascii=False)


def _print_lines(lines: Sequence[str], limit: int | None) -> None:
    """Print lines, of `limit` characters in all at most."""
    left = limit
    for number, line in enumerate(lines):
        if left is not None and len(line) >= left:
            rest = sum(map(len, lines[number:])) - left
            console.print(plain(line[:left]))
            console.print(f"… {rest:,} more characters; --full shows all of them")
            return
        console.print(plain(line))
        left = None if left is None else left - len(line)


async def _newest(reason: str, limit: int) -> tuple[list[DeadLetter], int]:
    async with configured_queue() as queue:
        counts = await queue.dead_letters.counts()
        found: list[DeadLetter] = []
        async for letter in queue.dead_letters.newest(reason=reason):
            found.append(letter)
            if len(found) == limit:
                break
    return found, counts[reason] if reason else counts.total()


async def _named(ids: Sequence[str]) -> list[DeadLetter]:
    async with configured_queue() as queue:
        return await _find(queue.dead_letters, ids)


async def _find(dead_letters: DeadLetters, ids: Sequence[str]) -> list[DeadLetter]:
    """Return those letters; raises QueueError where one is not there, before anything is done."""
    found = []
    for id_ in dict.fromkeys(ids):
        letter = await dead_letters.find(id_) if _ID.fullmatch(id_) else None
        if letter is None:
            raise QueueError(f"there is no dead letter {shortened(id_, 60)}")
        found.append(letter)
    return found


async def _replay(reason: str, ids: Sequence[str] | None) -> int:
    async with configured_queue() as queue:
        dead_letters, sent = queue.dead_letters, 0
        if ids:
            for letter in await _find(dead_letters, ids):
                sent += await dead_letters.replay(letter)
            return sent
        async for letter in dead_letters.letters(reason=reason):
            sent += await dead_letters.replay(letter)
        return sent


async def _chosen(reason: str, ids: Sequence[str] | None) -> list[str]:
    async with configured_queue() as queue:
        if ids:
            return [letter.id for letter in await _find(queue.dead_letters, ids)]
        return [letter.id async for letter in queue.dead_letters.letters(reason=reason)]


async def _purge(ids: Sequence[str]) -> int:
    async with configured_queue() as queue:
        return sum([await queue.dead_letters.purge(id_) for id_ in ids])
