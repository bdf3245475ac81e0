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
_CTIME = "%a %b %d %H:%M:%S %Y"
_TIME = re.compile(
    r"(?P<gap>[ ,:T]*)\b\d{1,2}:\d{2}(?P<second>:\d{2})?(?P<fraction>\.\d+)?"
    r"(?P<half>\s?[AP]M)?(?P<zone>\s?(?:[+-]\d{2}:?\d{2}|Z|[A-Z]{3,4}))?$"
)
# strptime takes single digits as well, which are versions or ratios as often.
_SHAPE = re.compile(
    r"(?=(?:\D*\d){3})(?:.*\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec).*|\d{8}(?!\d).*|\d{1,2}:\d{2}\b.*|"
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
    formats = list(dict.fromkeys(form for text in shaped[:20] for form in _formats(text)))
    # By format: to make one ready takes longer than to try it.
    fitting = {form: {text for text in shaped if _reads(form, text)} for form in formats}
    dates = set().union(*fitting.values())
    if not dates:
        return None
    read = [form for form in formats if fitting[form] == dates]
    what = "times of day" if read and "%d" not in read[0] else "dates"
    if not read:
        return DateTexts(tuple(dates), "dates in more than one format", "write them in ISO 8601")
    remedy = f"set `date_format: '{read[0]}'` in the source"
    swapped = read[0].translate(str.maketrans("dm", "md"))
    if swapped in read:
        remedy += f", or '{swapped}' if the month stands first"
    return DateTexts(tuple(dates), what, remedy)


def _formats(text: str) -> list[str]:
    """The formats that a text may have: each of a day, with the time that it ends in."""
    found = _TIME.search(text.strip())
    if found is None:
        return [*_DAYS, *_NAMED_DAYS, _CTIME]
    half, zone = found["half"] or "", found["zone"] or ""
    time = f"{'%I' if half else '%H'}:%M"
    time += ":%S" if found["second"] else ""
    time += ".%f" if found["fraction"] else ""
    if half:
        time += f"{half[:-2]}%p"
    if zone:
        name = zone.strip()
        time += f"{zone[: len(zone) - len(name)]}{'%Z' if name.isalpha() and name != 'Z' else '%z'}"
    if not found.start():
        return [time]
    return [f"{day}{found['gap']}{time}" for day in (*_DAYS, *_NAMED_DAYS)]


def _reads(form: str, text: str) -> bool:
    with suppress(ValueError):
        return 1900 <= datetime.strptime(text.strip(), form).year <= 2100
    return False
