"""The HTTP session over TLS, against a server that speaks HTTP/2."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest

from src.schemas.errors import PackageNotFoundError
from src.session import HttpOptions, http_session


class Http2Server(asyncio.Protocol):
    """Answers every stream with its path, /missing with 404; counts connections."""

    connections = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        type(self).connections += 1
        self.transport = transport
        config = h2.config.H2Configuration(client_side=False, header_encoding="ascii")
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.flush()

    def data_received(self, data: bytes) -> None:
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                path = dict(event.headers)[":path"]
                status = "404" if path == "/missing" else "200"
                self.h2.send_headers(event.stream_id, [(":status", status), ("x-http", "2")])
                self.h2.send_data(event.stream_id, path.encode(), end_stream=True)
        self.flush()

    def flush(self) -> None:
        self.transport.write(self.h2.data_to_send())


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command, which makes the test's certificate, is missing")
    path = tmp_path / "pair.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(path)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "key.pem").read_text())
    return path


@pytest.fixture
async def server_url(certificate: Path) -> AsyncIterator[str]:
    Http2Server.connections = 0
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Http2Server, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_many_requests_share_one_http2_connection(server_url, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    options = HttpOptions(user_agent="test/1", rate_per_second=0, max_attempts=1)
    async with http_session(options, bases=[server_url]) as http:
        answers = await asyncio.gather(*(http.get(f"{server_url}/{n}") for n in range(50)))
        with pytest.raises(PackageNotFoundError):
            await http.get(f"{server_url}/missing")
    assert [answer.body for answer in answers] == [b"/%d" % n for n in range(50)]
    assert {answer.headers["x-http"] for answer in answers} == {"2"}
    assert Http2Server.connections == 1
