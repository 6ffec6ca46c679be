"""A listing of very many names never stands in memory as a whole."""

import subprocess
import sys

_MEASURE = """
import asyncio, json, resource, sys, tempfile
from pathlib import Path
from urllib.parse import parse_qs
import httpx
from src.cache import FileCache
from src.services.apis.npm_api import NpmClient
from src.session import HttpOptions, http_session

NAMES = int(sys.argv[1])

def answer(request):
    path, asked = request.url.path, parse_qs(request.url.query.decode())
    if path == "/r/":
        return httpx.Response(200, json={"update_seq": 9, "doc_count": NAMES})
    first = int(json.loads(asked["startkey"][0])[-7:]) if "startkey" in asked else 0
    last = min(first + int(asked["limit"][0]), NAMES)
    rows = [
        {"id": f"@a-scope/a-package-{n:07}", "value": {"rev": f"1-{n:032x}"}}
        for n in range(first, last)
    ]
    return httpx.Response(200, json={"rows": rows})

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

async def main():
    base, replicate = "http://npm.test/b", "http://npm.test/r"
    options = HttpOptions(user_agent="tests", rate_per_second=0)
    with tempfile.TemporaryDirectory() as folder:
        transport = httpx.MockTransport(answer)
        async with http_session(options, bases=(base, replicate), transport=transport) as http:
            client = NpmClient(
                http, base_url=base, replicate_url=replicate, cache=FileCache(Path(folder))
            )
            found = sum([1 async for _ in (await client.listing()).packages])
            feed = await client.changes("")
            assert "@a-scope/a-package-0000007" in feed.names
    assert found == NAMES, found
    print(peak())

asyncio.run(main())
"""


def peak(names: int) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(names)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_100_000_names_more_take_less_than_30_megabytes_more() -> None:
    assert peak(120_000) - peak(20_000) < 30
