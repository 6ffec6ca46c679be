"""PostgreSQL, where Dagster's runs live in production; the local stack has none."""

import psycopg2

from src.local_stack.doctor.finding import Finding, ok, problem, skipped
from src.local_stack.doctor.instance import uses_postgres
from src.local_stack.doctor.network import unreachable
from src.settings import Settings

PART = "postgres"
ANSWER_SECONDS = 3


def check_postgres(settings: Settings) -> list[Finding]:
    """Log in, if this configuration uses PostgreSQL."""
    if not (_is_named(settings) or uses_postgres()):
        return [skipped(PART, "Dagster keeps its runs in SQLite here")]
    host, port = settings.postgres_host, settings.postgres_port
    advice = "start PostgreSQL, or correct POSTGRES_HOST and POSTGRES_PORT"
    if (silent := unreachable(PART, host, port, advice)) is not None:
        return [silent]
    try:
        psycopg2.connect(
            host=host,
            port=port,
            dbname=settings.postgres_db,
            user=settings.postgres_user,
            password=settings.postgres_password.get_secret_value(),
            connect_timeout=ANSWER_SECONDS,
        ).close()
    except psycopg2.OperationalError as error:
        return [_explain(error, settings, f"{host}:{port}")]
    return [ok(PART, f"PostgreSQL answers at {host}:{port}")]


def _is_named(settings: Settings) -> bool:
    return "postgres_host" in settings.model_fields_set


def _explain(error: psycopg2.OperationalError, settings: Settings, where: str) -> Finding:
    text = str(error)
    user, database = settings.postgres_user, settings.postgres_db
    if f'database "{database}" does not exist' in text:
        return problem(
            PART,
            f"PostgreSQL at {where} has no database {database}",
            f"create it (createdb {database}), or correct POSTGRES_DB",
        )
    if "password" in text or "role" in text or "authentication" in text:
        return problem(
            PART,
            f"PostgreSQL at {where} refuses the user {user}",
            "correct POSTGRES_USER and POSTGRES_PASSWORD",
        )
    return problem(
        PART,
        f"something listens at {where} but does not answer as PostgreSQL does",
        "look what runs there, and at its log",
    )
