"""Watches where this process connects to, and listens where nobody has any business."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest


class Silent:
    """A port that must stay silent; `visits` holds what came all the same."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.visits: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    self.visits.append(connection.recv(200))
                except OSError:
                    self.visits.append(b"")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@contextmanager
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[tuple[str, int]]]:
    """Yield the addresses that sockets of this process are connected to from now on."""
    reached: set[tuple[str, int]] = set()
    connect = socket.socket.connect

    def noted(self: socket.socket, address: tuple[str, int]) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            reached.add(address[:2])
        connect(self, address)

    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "connect", noted)
        yield reached
