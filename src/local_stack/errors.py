"""What can go wrong with the local stack; the text of each error is meant for the user."""


class LocalStackError(Exception):
    """The local stack could not do what it was asked; the message says what to do."""


class PartNotReadyError(Exception):
    """A part does not answer yet; the message says how it failed."""

    def __init__(self, message: str, *, busy: bool = False, hopeless: bool = False) -> None:
        """Keep what waiting is worth.

        Args:
            message: how the part failed.
            busy: it is alive and merely busy, so nobody may kill it for that.
            hopeless: it works, but on something that will stay broken.
        """
        super().__init__(message)
        self.busy = busy
        self.hopeless = hopeless
