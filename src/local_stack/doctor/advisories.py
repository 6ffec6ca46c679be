"""The advisory database: address, reachability, login, and what it holds."""

import asyncio

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from src.local_stack.doctor.finding import Finding, ok, problem
from src.local_stack.doctor.network import unreachable
from src.schemas.errors import StoreError, StoreUnavailableError
from src.services.vulnerability.advisory_store import COLLECTION
from src.services.vulnerability.connection import open_database, safe_address
from src.services.vulnerability.mongo_errors import translated_errors
from src.settings import Settings

PART = "advisories"
ANSWER_SECONDS = 3.0
SRV = "mongodb+srv://"
_START = "start MongoDB, or run `ssc up` for a local one, or correct VULN_DB_URI"


def check_advisories(settings: Settings) -> list[Finding]:
    """Look at the database that VULN_DB_URI names."""
    try:
        where = safe_address(settings.vuln_db_uri)
        # Where a name server tells the hosts, the driver alone asks it.
        hosts = [] if where.startswith(SRV) else parse_uri(settings.vuln_db_uri)["nodelist"]
    except (StoreError, PyMongoError, ValueError):
        return [_wrong_address()]
    silent = [unreachable(PART, host, port or 27017, _START) for host, port in hosts]
    if hosts and all(silent):
        return [finding for finding in silent if finding is not None][:1]
    try:
        # In a thread of the doctor's own, which has no event loop.
        return [asyncio.run(_ask(settings, where))]  # noqa: TID251
    except StoreUnavailableError:
        says = f"something listens at {where} but does not answer as MongoDB does"
        return [problem(PART, says, "look what runs there, and at its log")]
    except StoreError:
        return [
            problem(
                PART,
                f"MongoDB at {where} refuses the login",
                "correct user and password in VULN_DB_URI, or VULN_DB_USER and VULN_DB_PASSWORD",
            )
        ]


async def _ask(settings: Settings, where: str) -> Finding:
    async with open_database(
        settings.vuln_db_uri,
        settings.vuln_db_user,
        settings.vuln_db_password.get_secret_value(),
        connect_timeout_seconds=ANSWER_SECONDS,
        answer_timeout_seconds=ANSWER_SECONDS,
    ) as database:
        with translated_errors(where):
            version = (await database.client.server_info())["version"]
            held = await database[COLLECTION].estimated_document_count()
    return ok(PART, f"MongoDB {version} answers at {where}; {held} advisories")


def _wrong_address() -> Finding:
    return problem(
        PART, "VULN_DB_URI is wrong: it is no address", "write mongodb://host:27017/admin"
    )
