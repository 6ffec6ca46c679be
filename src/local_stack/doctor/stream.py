"""The message stream: reachability, login, version, and what waits in it."""

import redis

from src.local_stack.doctor.finding import Finding, ok, problem
from src.local_stack.doctor.network import unreachable
from src.local_stack.redis_once import ask_once
from src.settings import Settings

PART = "queue"
OLDEST_REDIS = (7, 0)


def check_stream(settings: Settings) -> list[Finding]:
    """Look at the Redis that holds the message stream."""
    host, port = settings.redis_host, settings.redis_port
    advice = "start Redis, or run `ssc up` for a local one, or correct REDIS_HOST and REDIS_PORT"
    if (silent := unreachable(PART, host, port, advice)) is not None:
        return [silent]
    with ask_once(host, port, database=settings.redis_db) as client:
        try:
            return [_version(client, f"{host}:{port}"), _stream(client, settings)]
        except (redis.exceptions.AuthenticationError, redis.exceptions.NoPermissionError):
            return [
                problem(
                    PART,
                    f"Redis at {host}:{port} refuses us without a login",
                    "allow its default user without a password inside the private network",
                )
            ]
        except redis.exceptions.ResponseError:
            return [
                problem(
                    PART,
                    f"Redis at {host}:{port} has no database {settings.redis_db}",
                    "correct REDIS_DB",
                )
            ]
        except (redis.RedisError, OSError):
            return [
                problem(
                    PART,
                    f"something listens at {host}:{port} but does not answer as Redis does",
                    "look what runs there, and at its log",
                )
            ]


def _version(client: redis.Redis, where: str) -> Finding:
    version = str(client.info("server")["redis_version"])
    if tuple(int(number) for number in version.split(".")[:2]) < OLDEST_REDIS:
        oldest = ".".join(str(number) for number in OLDEST_REDIS)
        return problem(PART, f"Redis at {where} is {version}", f"upgrade it to {oldest} or newer")
    return ok(PART, f"Redis {version} answers at {where}")


def _stream(client: redis.Redis, settings: Settings) -> Finding:
    name, group = settings.redis_stream, settings.redis_group
    kind = str(client.type(name))
    if kind == "none":
        return ok(PART, f"the stream {name} is empty; the first message makes it")
    if kind != "stream":
        return problem(
            PART, f"the key {name} is a {kind}, not a stream", "rename it, or correct REDIS_STREAM"
        )
    length = client.xlen(name)
    groups = {str(entry["name"]): entry for entry in client.xinfo_groups(name)}
    if group not in groups:
        return ok(PART, f"{length} messages in {name}; the next run makes the group {group}")
    pending = groups[group]["pending"]
    waiting, dead = client.zcard(f"{name}-retry"), client.xlen(f"{name}-dlq")
    return ok(
        PART,
        f"{length} messages in {name}, {pending} of {group} pending,"
        f" {waiting} waiting for a retry, {dead} dead letters",
    )
