"""What can go wrong with the local stack; the text of each error is meant for the user."""


class LocalStackError(Exception):
    """The local stack could not do what it was asked; the message says what to do."""


class PartNotReadyError(Exception):
    """A part does not answer yet; the message says how it failed."""

    def __init__(self, message: str, *, busy: bool = False) -> None:
        """Keep whether the part is alive and merely busy, so that nobody kills it for that."""
        super().__init__(message)
        self.busy = busy
