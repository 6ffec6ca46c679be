"""Runs the replay application under uvicorn: in a thread for tests, or alone as a process."""

import socket
import threading
from collections import Counter
from types import TracebackType
from typing import Self

import uvicorn

from src.local_stack.replay.app import ReplayApp
from src.local_stack.replay.documents import Source
from src.local_stack.replay.faults import FaultPlan

HOST = "127.0.0.1"
"""The only address that is ever listened on: nobody else has any business here."""


def listen(port: int = 0) -> socket.socket:
    """Return a listening socket on 127.0.0.1; port 0 takes any free one. OSError when taken."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, port))
        server.listen(1024)
    except OSError:
        server.close()
        raise
    return server


class PromptServer(uvicorn.Server):
    """A uvicorn server that ends at once: requests still hanging are answered with 500, not waited for."""

    def __init__(self, app: ReplayApp) -> None:
        """Prepare to serve without a log of its own: uvicorn's would cost a third of the speed."""
        super().__init__(
            uvicorn.Config(
                app,
                loop="auto",
                http="auto",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=0,
            )
        )


class ReplayServer:
    """A registry for tests and benchmarks: `with ReplayServer(source) as server: server.url`."""

    def __init__(self, source: Source, *, delay_seconds: float = 0.0, port: int = 0) -> None:
        """Serve `source`, each answer `delay_seconds` late; port 0 takes any free one."""
        self.app = ReplayApp(source)
        self.app.delay_seconds = delay_seconds
        self.url = ""
        self._port = port
        self._server = PromptServer(self.app)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def requests(self) -> Counter[str]:
        """How often each path was asked for."""
        return self.app.requests

    def forget_requests(self) -> None:
        """Count requests from nothing again."""
        self.app.forget_requests()

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong; may be set while the server runs."""
        return self.app.faults

    @faults.setter
    def faults(self, plan: FaultPlan) -> None:
        self.app.faults = plan

    @property
    def delay_seconds(self) -> float:
        """How late every answer is; may be set while the server runs."""
        return self.app.delay_seconds

    @delay_seconds.setter
    def delay_seconds(self, seconds: float) -> None:
        self.app.delay_seconds = seconds

    def __enter__(self) -> Self:
        """Start on a free port. The socket listens already, so that no request can come too early."""
        self._socket = listen(self._port)
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="replay",
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Stop at once, whatever still hangs."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=10)
        if self._socket is not None:
            self._socket.close()
