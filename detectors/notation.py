"""Recognise quantities and dates that are written in another notation than plain numbers.

A column of such texts is no category: to encode ``2.402,38`` by how often it occurs says nothing of
the amount. What is recognised is named, with the settings of a source that read it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from detectors.date_formats import find_date_format, is_iso
from detectors.number_texts import ABBREVIATIONS, FORMS, NumberText, Separators, parse_number_text
from detectors.series import is_text, row_number

_MOST_TEXTS = 5000
_MANY = 10  # distinct numbers that cannot be chance


@dataclass(frozen=True)
class Notation:
    """How most texts of a column are written.

    Attributes:
        what: the notation, in words.
        example: the first text in it.
        row: the number of its row.
        remedy: what to do so that they are read.
    """

    what: str
    example: str
    row: int
    remedy: str

    def __str__(self) -> str:
        """Say what the column holds, where, and what to do."""
        return f"{self.what}, such as {self.example[:40]!r} in row {self.row}: {self.remedy}"


def find_notation(series: pd.Series) -> Notation | None:
    """Return the notation of a column of texts most of which are quantities, dates or JSON.

    None where most are plain numbers, dates in ISO 8601 or words. A column of many different
    numbers and few words is one of numbers, however often the words occur.
    """
    if not is_text(series):
        return None
    found = series.value_counts(sort=False).head(_MOST_TEXTS)
    counts = Counter({str(text): int(rows) for text, rows in found.items()})
    nested = [text for text in counts if _is_json(text)]
    if are_most(nested, counts):
        return _nested(series, nested)
    dates = find_date_format(list(counts))
    if dates is not None and are_most(dates.texts, counts):
        return Notation(dates.what, *_first(series, dates.texts), dates.remedy)
    iso = {text for text in counts if is_iso(text)}
    if are_most(iso, counts) and len(iso) < len(counts):
        odd, row = _first(series, set(counts) - iso)
        remedy = f"row {row} holds {odd[:40]!r}: correct it, or name it in `null_values`"
        return Notation("dates in ISO 8601", *_first(series, iso), remedy)
    return _numbers(series, counts)


def are_most(texts: Iterable[str], counts: Counter[str]) -> bool:
    """Whether ``texts`` are most of a column, of which ``counts`` has the rows of each text."""
    texts = set(texts)
    if not texts:
        return False
    many = len(texts) >= _MANY and len(texts) >= 5 * (len(counts) - len(texts))
    return many or 2 * sum(counts[text] for text in texts) >= counts.total()


def _numbers(series: pd.Series, counts: Counter[str]) -> Notation | None:
    numbers = [number for text in counts if (number := parse_number_text(text)) is not None]
    numbers = _without_codes(numbers)
    marked = [number.text for number in numbers if not number.plain]
    if not marked or not are_most([number.text for number in numbers], counts):
        return None
    example = _first(series, marked)
    votes = Counter(pair for number in numbers for pair in number.separators)
    most = max(votes.values())
    fitting = [pair for pair in FORMS if votes[pair] == most]
    if most < len(numbers):
        odd = next(number.text for number in numbers if fitting[0] not in number.separators)
        return Notation(
            f"numbers in more than one notation, {odd[:40]!r} in another",
            *example,
            "write them in one in the source",
        )
    affixes = sorted({number.affix for number in numbers} - {""})
    if affixes and ABBREVIATIONS.issuperset(affixes):
        return Notation("abbreviated numbers", *example, "write them out in the source")
    if len(affixes) > 1:
        units = " and ".join(map(repr, affixes[:4]))
        return Notation(f"numbers in {units}", *example, "convert them to one unit in the source")
    what, settings = _separators(fitting)
    if affixes:
        what.append(f"{affixes[0]!r} beside them")
        settings.append(f"`strip: [{json.dumps(affixes[0], ensure_ascii=False)}]`")
    for style, words in (
        ("parentheses", "negative ones in parentheses"),
        ("trailing", "the minus sign behind them"),
    ):
        if style in {number.negatives for number in numbers}:
            what.append(words)
            settings.append(f"`negatives: {style}`")
    remedy = f"set {' and '.join(settings)} in the source"
    return Notation(f"numbers with {' and '.join(what)}", *example, remedy)


def _separators(fitting: Sequence[Separators]) -> tuple[list[str], list[str]]:
    """The plainest separators that fit all numbers, in words, and the settings for them."""
    decimal, thousands = fitting[0]
    if decimal == "," and (".", ",") in fitting:
        return ["a comma"], ['`thousands: ","`, or `decimal: ","` if it stands before decimals,']
    what, settings = [], []
    if decimal == ",":
        what.append("a decimal comma")
        settings.append('`decimal: ","`')
    if thousands is not None:
        name = {" ": "spaces", "'": "apostrophes"}.get(thousands, repr(thousands))
        what.append(f"{name} between thousands")
        settings.append(f'`thousands: "{thousands}"`')
    return what, settings


def _without_codes(numbers: list[NumberText]) -> list[NumberText]:
    """Leave out codes such as 1A and 2B: numbers with one letter, of which there are several."""
    letters = {number.affix for number in numbers if number.may_be_code}
    fractions = any("." in number.text for number in numbers)
    if len(letters) <= 1 or (ABBREVIATIONS.issuperset(letters) and fractions):
        return numbers
    return [number for number in numbers if not number.may_be_code]


def _is_json(text: str) -> bool:
    text = text.strip()
    if text[:1] + text[-1:] not in ("{}", "[]"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _nested(series: pd.Series, texts: Sequence[str]) -> Notation:
    value = json.loads(texts[0])
    parts = list(value) if isinstance(value, dict) else list(range(len(value)))
    part = parts[0] if parts else "key"
    remedy = (
        "set `fields` in a JSON source to what is wanted of them, e.g. "
        f"`fields: {{{series.name}_{part}: {series.name}.{part}}}`, or select it in a query"
    )
    return Notation("objects or lists", *_first(series, texts), remedy)


def _first(series: pd.Series, texts: Iterable[str]) -> tuple[str, int]:
    """The first text of the column that is one of ``texts``, and the number of its row."""
    place = int(series.astype(str).isin(list(texts)).to_numpy().argmax())
    return str(series.iloc[place]), row_number(series, place)
