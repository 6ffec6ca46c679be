"""`ssc package`: the state of one package, and since when."""

import json
import time
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from src.cli.bridge import run
from src.cli.context import console, failure_policy
from src.cli.graph_commands import configured_graph
from src.cli.moments import shown
from src.cli.purl_argument import read_purl
from src.schemas.package_state import PackageState, State
from src.services.graph.package_states import PackageStates
from src.utils.instants import instant
from src.utils.times import utc_of

_NOTHING = "-"


def package(
    purl: str = typer.Argument(help="package URL; a version in it is passed over"),
    as_json: bool = typer.Option(False, "--json", help="print JSON instead of a table"),
) -> None:
    """Show where a package stands: queued, running, stored, failed or gone, and since when."""
    state = run(_state(purl))
    if as_json:
        typer.echo(json.dumps(as_mapping(state), indent=2, ensure_ascii=False))
    else:
        show_state(state, _now_ms())


async def _state(text: str) -> PackageState:
    asked, policy = read_purl(text), failure_policy()
    async with configured_graph() as graph:
        return await PackageStates(graph).state_of(
            asked.ecosystem, asked.name, policy=policy, now_ms=_now_ms()
        )


def as_mapping(state: PackageState) -> dict[str, Any]:
    """Return a state in the form of `--json`; times are ISO 8601 in UTC, null where there is none."""
    failure = {
        "reason": state.reason,
        "detail": state.detail,
        "attempts": state.attempts,
        "next_try": _iso(state.next_try),
        "given_up": state.given_up,
    }
    return {
        "purl": state.purl,
        "name": state.name,
        "state": state.state.value,
        "failure": failure if state.attempts else None,
        "interrupted": state.interrupted,
        "published_first": state.published_first or None,
        "published_last": state.published_last or None,
        "discovered": _iso(state.discovered),
        "visible": _iso(state.visible),
        "refreshed": _iso(state.refreshed),
        "running_since": _iso(state.running_since),
        "versions": state.versions,
        "revision": state.revision or None,
    }


def show_state(state: PackageState, now_ms: int) -> None:
    """Print a state as a table."""
    table = Table(title=escape(state.purl), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, told in _rows(state, now_ms):
        table.add_row(what, escape(told))
    console.print(table)


def _rows(state: PackageState, now_ms: int) -> list[tuple[str, str]]:
    rows = [("state", _told_state(state))]
    if state.running_since is not None:
        rows.append(("running since", shown(state.running_since, now_ms)))
    if state.attempts:
        rows += [
            ("reason", f"{state.reason}: {state.detail}" if state.detail else state.reason),
            ("failed", "once" if state.attempts == 1 else f"{state.attempts} times"),
            ("next try", "given up" if state.given_up else shown(state.next_try, now_ms)),
        ]
    return [
        *rows,
        ("versions", f"{state.versions:,}"),
        ("oldest published", _published(state.published_first, now_ms)),
        ("newest published", _published(state.published_last, now_ms)),
        ("discovered", shown(state.discovered, now_ms)),
        ("visible since", shown(state.visible, now_ms)),
        ("last refreshed", shown(state.refreshed, now_ms)),
        ("revision", state.revision or _NOTHING),
    ]


def _told_state(state: PackageState) -> str:
    if state.interrupted:
        return f"{state.state} (the run that worked on it was cut short)"
    if state.state is State.FAILED and state.visible is not None and state.versions:
        return f"{state.state} (an older state of it is in the graph)"
    return state.state.value


def _published(date: str, now_ms: int) -> str:
    moment = instant(date) if date else None
    return shown(round(moment.timestamp() * 1000), now_ms) if moment else date or _NOTHING


def _iso(moment_ms: int | None) -> str | None:
    return None if moment_ms is None else utc_of(moment_ms)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
