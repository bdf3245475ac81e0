"""Ages, as people write them: 90d, 12w, 2y."""

import re
from datetime import timedelta

AGE_PATTERN = r"^([1-9][0-9]{0,3}[dw]|[1-9][0-9]?y)$"
_DAYS = {"d": 1, "w": 7, "y": 365}


def read_age(text: str) -> timedelta:
    """Return how long so many days, weeks or years are.

    Raises:
        ValueError: it is no age; the message says what was expected.
    """
    if re.fullmatch(AGE_PATTERN, text) is None:
        raise ValueError(f"expected an age in days, weeks or years such as 90d, 12w or 2y: {text}")
    return timedelta(days=int(text[:-1]) * _DAYS[text[-1]])
