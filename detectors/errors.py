"""What a detector raises when the data or its parameters do not allow a true answer."""


class DetectorError(ValueError):
    """The named detector cannot score these rows; the message says why and what to do."""
