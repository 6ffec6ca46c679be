"""Tells the graph which packages a run works on, with a statement a second and not one a package.

What is taken up and written within that second is never told: a run at full speed pays one statement a
second for the few hundred packages that are on their way just then.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from src.processes.extractors.writer import now_ms
from src.schemas.ecosystem import Ecosystem
from src.schemas.errors import StoreError
from src.services.graph.state_store import LEASE_MS, StateStore

LAST_WORDS_SECONDS = 5.0
"""How long a run that ends early may take to say so; else its packages count as under way for an hour."""


class UnderWay:
    """The packages that one pipeline has taken up and not yet settled."""

    def __init__(self, ecosystem: Ecosystem, state: StateStore, seconds: float) -> None:
        """Tell `state` every `seconds`."""
        self._ecosystem = ecosystem
        self._state = state
        self._seconds = seconds
        self._started: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._telling = asyncio.Lock()

    def take_up(self, name: str) -> None:
        """Note that work on a package begins."""
        self._started[name] = now_ms()

    async def settle(self, names: Iterable[str]) -> None:
        """Note that the outcomes of packages are written; raises StoreError."""
        settled = set(names)
        for name in settled:
            self._started.pop(name, None)
        # What is being told just now has to be there before it can be taken away.
        async with self._telling:
            told = [name for name in settled if self._told.pop(name, None) is not None]
            if told:
                await self._state.lay_down(self._ecosystem, told)

    async def keep_telling(self) -> None:
        """Tell what was taken up, and again what takes long, until cancelled; raises StoreError."""
        while True:
            await asyncio.sleep(self._seconds)
            await self._tell()

    async def _tell(self) -> None:
        async with self._telling:
            now = now_ms()
            stale = now - LEASE_MS // 2
            news = {
                name: started
                for name, started in self._started.items()
                if self._told.get(name, 0) < stale
            }
            if news:
                # Before the statement: of one whose answer is lost nobody knows whether it told.
                self._told.update(dict.fromkeys(news, now))
                await self._state.take_up(self._ecosystem, news, now)

    async def abandon(self) -> None:
        """Take back what was told and not settled, if the graph answers soon."""
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self.settle(list(self._told))
