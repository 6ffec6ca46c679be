"""Free ports of this machine."""

import socket

from src.local_stack.errors import LocalStackError

HOST = "127.0.0.1"
SPAN = 200


def is_free(port: int) -> bool:
    """Tell whether nothing listens on the port, neither here nor on every address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def choose_port(preferred: int, *, avoid: frozenset[int] = frozenset()) -> int:
    """Return the first free port from the preferred one on.

    Raises:
        LocalStackError: the next 200 ports are all taken.
    """
    for port in range(preferred, preferred + SPAN):
        if port not in avoid and is_free(port):
            return port
    raise LocalStackError(f"no free port from {preferred} to {preferred + SPAN - 1}")
