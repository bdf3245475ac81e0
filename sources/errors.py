"""What a reader raises; the message names the source's place, never a secret."""


class SourceError(Exception):
    """The source cannot be read as it stands; reading again gives the same answer."""


class TransientSourceError(SourceError):
    """The source could not be reached this time; reading again may succeed."""
