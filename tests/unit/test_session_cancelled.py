"""A request that is cancelled takes no connection with it."""

import asyncio
import random
from contextlib import suppress

import pytest

from src.local_stack.replay import Document, ReplayServer
from src.schemas.errors import PackageNotFoundError
from src.session import HttpOptions, http_session


class OneDocument:
    def document(self, path: str, _query: str = "") -> Document | None:
        return Document(b"x" * 3000, "text/plain") if path == "/there" else None


@pytest.mark.parametrize("seed", range(5))
async def test_after_cancelled_requests_every_connection_still_answers(seed: int):
    chance = random.Random(seed)
    options = HttpOptions(user_agent="test", rate_per_second=0, budget_seconds=5, max_attempts=1)
    with ReplayServer(OneDocument()) as server:
        async with http_session(options, bases=(server.url,)) as http:

            async def ask(path: str) -> None:
                with suppress(PackageNotFoundError):
                    await http.get(server.url + path)

            for _ in range(60):
                tasks = [asyncio.create_task(ask(path)) for path in ("/gone", "/there", "/gone")]
                await asyncio.sleep(chance.uniform(0, 0.004))
                for task in tasks[1:]:
                    task.cancel()
                async with asyncio.timeout(2):
                    await asyncio.gather(*tasks, return_exceptions=True)
            async with asyncio.timeout(2):
                answers = [http.get(f"{server.url}/there") for _ in range(20)]
                assert len(await asyncio.gather(*answers)) == 20
