"""The `ssc` command on a queue of a test's own."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import redis
from typer.testing import CliRunner, Result

from src.cli.context import console
from src.cli.main import app
from src.services.queue.redis_keys import QueueKeys


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue that the command's settings lead to, as another program sees it."""

    redis: redis.Redis
    keys: QueueKeys
    environment: dict[str, str]

    def messages(self) -> list[str]:
        return [fields["data"] for _, fields in self.redis.xrange(self.keys.stream)]

    def give_up(self, **fields: object) -> str:
        return str(self.redis.xadd(self.keys.dead_letters, fields))


@pytest.fixture
def queue(redis_address, tmp_path, monkeypatch) -> Iterator[Queue]:
    host, port = redis_address
    keys = QueueKeys(f"test-{uuid.uuid4().hex}", "group")
    environment = {
        "REDIS_HOST": host,
        "REDIS_PORT": str(port),
        "REDIS_DB": "0",
        "REDIS_STREAM": keys.stream,
        "REDIS_GROUP": keys.group,
        # Whoever names a graph means no local stack.
        "GRAPH_DB_URI": "bolt://nowhere.test",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "width", 200)
    with redis.Redis(host, port, decode_responses=True, encoding_errors="surrogateescape") as raw:
        yield Queue(raw, keys, environment)


@pytest.fixture
def ssc(queue: Queue) -> Callable[..., Result]:
    """Runs the command; `sent` is its standard input."""
    assert queue.redis.ping()

    def invoke(*arguments: str, sent: str | bytes = "") -> Result:
        return CliRunner().invoke(app, list(arguments), input=sent)

    return invoke
