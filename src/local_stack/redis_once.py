"""A Redis client that asks once and gives up soon: whoever polls tries again on their own."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ANSWER_SECONDS = 3.0


def ask_once(
    host: str, port: int, *, database: int = 0, user: str = "", password: str = ""
) -> redis.Redis:
    """Make the client; it connects with its first command."""
    return redis.Redis(
        host=host,
        port=port,
        db=database,
        username=user or None,
        password=password or None,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
