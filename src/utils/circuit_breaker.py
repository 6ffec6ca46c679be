"""Stops asking a host that fails all the time, and tries it again with a single request."""

from collections.abc import Callable


class CircuitBreaker:
    """Opens after `failures` consecutive failures for `seconds`; then one trial decides.

    While the trial is under way, everybody else is still turned away. `clock` is monotonic, in
    seconds. Whoever was admitted must report exactly once: succeeded, failed or abandoned.
    """

    __slots__ = (
        "_blocked_until",
        "_clock",
        "_count",
        "_failures",
        "_open_until",
        "_seconds",
        "_trial",
    )

    def __init__(self, failures: int, seconds: float, clock: Callable[[], float]) -> None:
        """Start closed."""
        self._failures = failures
        self._seconds = seconds
        self._clock = clock
        self._count = 0
        self._open_until: float | None = None
        self._blocked_until = 0.0
        self._trial = False

    @property
    def blocked_for(self) -> float:
        """The seconds for which the host is still blocked, 0 where it is not."""
        return max(0.0, self._blocked_until - self._clock())

    def admit(self) -> float:
        """Return 0 where a request may start now, else the seconds after which to ask again."""
        if self._open_until is None:
            return 0.0
        wait = self._open_until - self._clock()
        if wait > 0:
            return wait
        if self._trial:
            return self._seconds
        self._trial = True
        return 0.0

    def succeeded(self) -> None:
        """Note that the host answered: the circuit is closed.

        But not where it has been blocked since that answer was asked for.
        """
        if self.blocked_for:
            return
        self._count = 0
        self._open_until = None
        self._trial = False

    def failed(self, *, counted: bool = True) -> None:
        """Note a failure; one that is not `counted` neither opens the circuit nor closes it."""
        self._count += counted
        if self._trial or (self._count >= self._failures and self._open_until is None):
            self._open_until = self._clock() + self._seconds
        self._trial = False

    def abandoned(self) -> None:
        """Note that a request ended without telling anything of the host (it was cancelled)."""
        self._trial = False

    def block_for(self, seconds: float) -> None:
        """Open at once, for `seconds`: the host does not want to be asked."""
        self._blocked_until = max(self._blocked_until, self._clock() + seconds)
        self._open_until = self._blocked_until
        self._trial = False
