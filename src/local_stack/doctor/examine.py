"""Runs every check, each bounded in time, and collects what they found."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError

from src.local_stack.doctor.advisories import check_advisories
from src.local_stack.doctor.finding import Finding, Level, ok, problem, warning
from src.local_stack.doctor.graph import check_graph
from src.local_stack.doctor.instance import check_dagster_home
from src.local_stack.doctor.machine import check_disk, check_python
from src.local_stack.doctor.postgres import check_postgres
from src.local_stack.doctor.registries import check_registries
from src.local_stack.doctor.stream import check_stream
from src.local_stack.stack import LocalStack
from src.settings import Settings

CHECK_SECONDS = 5.0

Check = Callable[[], Sequence[Finding]]


def examine(settings: Settings, *, live: bool) -> list[Finding]:
    """Look at everything that a configuration names.

    Args:
        settings: the configuration.
        live: ask registries that are not on this machine, too.
    """
    checks: dict[str, Check] = {
        "graph": lambda: check_graph(settings),
        "advisories": lambda: check_advisories(settings),
        "queue": lambda: check_stream(settings),
        "postgres": lambda: check_postgres(settings),
        "registry": lambda: check_registries(settings, live=live),
        "cache": lambda: check_disk(settings),
        "dagster": lambda: [check_dagster_home()],
        "python": lambda: [check_python()],
    }
    return bounded(checks, CHECK_SECONDS)


def check_stack(stack: LocalStack) -> list[Finding]:
    """Look at the parts of a local stack that is in use."""
    return [
        ok("local stack", f"{part.name} runs {part.address}".rstrip())
        if part.healthy
        else problem("local stack", f"{part.name}: {part.detail}", "run `ssc up`")
        if part.running
        else warning("local stack", f"{part.name} does not run", "run `ssc up` if you need it")
        for part in stack.status()
    ]


def explain_settings(error: ValidationError) -> list[Finding]:
    """Say field by field what is wrong with the settings, never which value stood there."""
    return [
        problem(
            "settings",
            f"{'_'.join(str(step) for step in wrong['loc']).upper()}: {wrong['msg']}",
            "correct it in the environment or in .env; template.env shows every variable",
        )
        for wrong in error.errors(include_input=False, include_context=False, include_url=False)
    ]


def has_problem(findings: Sequence[Finding]) -> bool:
    """Tell whether something required does not work."""
    return any(finding.level is Level.PROBLEM for finding in findings)


def bounded(checks: Mapping[str, Check], seconds: float) -> list[Finding]:
    """Run checks side by side; one that takes too long is reported and left behind.

    Threads of our own, as a look-up of a name cannot be interrupted and those of an executor
    would be waited for when the program ends.
    """
    results: dict[str, Sequence[Finding]] = {}

    def run(name: str, check: Check) -> None:
        results[name] = check()

    threads = [
        threading.Thread(target=run, args=(name, check), daemon=True)
        for name, check in checks.items()
    ]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [
        finding
        for name, thread in zip(checks, threads, strict=True)
        for finding in results.get(name) or [_without_result(name, thread, seconds)]
    ]


def _without_result(name: str, thread: threading.Thread, seconds: float) -> Finding:
    if thread.is_alive():
        says = f"no result within {seconds:.0f} s"
        return problem(name, says, "see whether its host answers at all")
    return problem(name, "this check broke; its traceback stands above", "report it to us")
