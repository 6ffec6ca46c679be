"""Can a host be reached at all? Asked first, so that later errors mean something else."""

import ipaddress
import socket

from src.local_stack.doctor.finding import Finding, problem

CONNECT_SECONDS = 3.0


def unreachable(part: str, host: str, port: int, advice: str) -> Finding | None:
    """Return why nothing answers at an address, or None when something does."""
    where = f"{host}:{port}"
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except socket.gaierror:
        return problem(part, f"the host name {host} is unknown here", advice)
    except TimeoutError:
        return problem(
            part, f"{where} does not answer within {CONNECT_SECONDS:.0f} s; a firewall?", advice
        )
    except ConnectionRefusedError:
        return problem(part, f"nothing listens at {where}", advice)
    except OSError as error:
        return problem(part, f"{where} cannot be reached: {error.strerror or error}", advice)
    return None


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, without asking any name server."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
