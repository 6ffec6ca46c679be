"""Servers that do not outlive a test process which was killed."""

import shutil


def mortal(command: list[str]) -> list[str]:
    """Return `command` so that it is killed when this process dies (where the system can)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else command
