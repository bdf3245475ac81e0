"""What a reader raises; the message names the source's place, never a secret."""


class SourceError(Exception):
    """The source cannot be read as it stands; reading again gives the same answer."""


class TransientSourceError(SourceError):
    """The source could not be reached this time; reading again may succeed.

    Attributes:
        retried: whether its reader has tried again already, as often as it may.
        wait_seconds: how long the source asked to be left alone; None when it did not ask.
    """

    def __init__(
        self, message: str, *, retried: bool = False, wait_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.retried = retried
        self.wait_seconds = wait_seconds
