"""Logging of the command line and of long-lived processes; modules use logging.getLogger(__name__)."""

import logging
import sys

NOISY = ("httpx", "httpcore", "hpack", "neo4j", "neo4j.notifications")


def configure_logging(level: str = "INFO") -> None:
    """Send our log to standard error, one line a record, and quieten what would log each request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    )
    root = logging.getLogger("src")
    root.handlers[:] = [handler]
    root.setLevel(level)
    root.propagate = False
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
