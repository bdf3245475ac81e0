"""Dates and times of day in other forms than ISO 8601, and the format that reads them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

_DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%Y%m%d"),
)
_NAMED_DAYS = (
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d %b %Y", "%d %B %Y", "%d. %B %Y", "%d-%b-%Y"),
    *("%d-%b-%y", "%d/%b/%Y", "%a, %d %b %Y", "%A, %B %d, %Y"),
)
_TIMES = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p")
_JOINED = ("", *(f"{gap}{time}" for gap in (" ", ", ", ":", "T") for time in _TIMES))
_FORMATS = (
    *(f"{day}{rest}" for day in (*_DAYS, *_NAMED_DAYS) for rest in _JOINED),
    *(
        f"{day}{rest} {zone}"
        for day in _NAMED_DAYS
        for rest in _JOINED[1:]
        for zone in ("%z", "%Z")
    ),
    *_TIMES,
    "%a %b %d %H:%M:%S %Y",
)
# strptime takes single digits as well, which are versions or ratios as often.
_SHAPE = re.compile(
    r"(?=(?:\D*\d){3})(?:.*[A-Za-z]{3}.*|\d{8}(?!\d).*|\d{1,2}:\d{2}\b.*|"
    r"\d{1,4}([/.-])\d{1,2}\1\d{4}\b.*|\d{4}([/.-])\d{1,2}\2\d{1,2}\b.*|"
    r"\d{1,2}/\d{1,2}/\d{2}\b.*|\d{2}\.\d{2}\.\d{2}\b.*)"
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?")
_TRIED = 500


@dataclass(frozen=True)
class DateTexts:
    """Texts that are dates or times of day.

    Attributes:
        texts: those that are.
        what: in words.
        remedy: what to set so that the source reads them.
    """

    texts: tuple[str, ...]
    what: str
    remedy: str


def is_iso(text: str) -> bool:
    """Whether ``text`` is a date, or a date and time, in ISO 8601."""
    return _ISO.fullmatch(text.strip()) is not None


def find_date_format(texts: Sequence[str]) -> DateTexts | None:
    """Return which of different texts are dates, and in which format; None where none are.

    ISO 8601 apart, which needs no format.
    """
    shaped = [text for text in texts if _SHAPE.fullmatch(text.strip()) and not is_iso(text)]
    shaped = shaped[:_TRIED]
    formats = {form for text in shaped[:20] for form in _FORMATS if _reads(form, text)}
    fitting = {form: {text for text in shaped if _reads(form, text)} for form in formats}
    dates = set().union(*fitting.values())
    if not dates:
        return None
    read = [form for form in _FORMATS if fitting.get(form) == dates]
    what = "times of day" if read and read[0] in _TIMES else "dates"
    if not read:
        return DateTexts(tuple(dates), "dates in more than one format", "write them in ISO 8601")
    remedy = f"set `date_format: '{read[0]}'` in the source"
    swapped = read[0].translate(str.maketrans("dm", "md"))
    if swapped in read:
        remedy += f", or '{swapped}' if the month stands first"
    return DateTexts(tuple(dates), what, remedy)


def _reads(form: str, text: str) -> bool:
    with suppress(ValueError):
        return 1900 <= datetime.strptime(text.strip(), form).year <= 2100
    return False
