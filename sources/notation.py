"""Numbers and times that a source writes as text, read as its settings say."""

import re
from collections.abc import Iterable
from typing import TypeAlias

import pandas as pd
import pyarrow as pa
from pyarrow import compute

from sources.config import SourceConfig
from sources.values import all_times

_SPACES = "[ \u00a0\u2007\u2009\u202f]"
_THOUSANDS = {",": ",", ".": r"\.", " ": _SPACES, "'": "['\u2019]", "_": "_"}
_PLAIN = ("decimal", "thousands", "strip", "negatives")

Texts: TypeAlias = pa.Array | pa.ChunkedArray


class Notation:
    """Reads texts as the settings of a source say.

    Args:
        config: of the source.
        keys: columns that are identities, and stay as they are.

    Attributes:
        keys: the same.
        null_values: texts that mean no value.
        is_set: whether the source has a setting of numbers or dates.
        reads_days: whether dates are whole numbers, such as 20251231.
    """

    def __init__(self, config: SourceConfig, keys: Iterable[str] = ()) -> None:
        self.keys = frozenset(keys)
        self.null_values = frozenset(config.null_values)
        self._decimal = config.decimal
        self._thousands = _THOUSANDS[config.thousands] if config.thousands else None
        self._strip = config.strip
        self._negatives = config.negatives
        self._date_format = config.date_format
        names = config.model_fields_set.intersection((*_PLAIN, "date_format"))
        self._settings = {name: getattr(config, name) for name in sorted(names)}
        self.is_set = bool(names)
        self.reads_days = bool(re.fullmatch("(%[Ymd]){3}", config.date_format or ""))

    def __str__(self) -> str:
        """Name the settings and what they are."""
        return " and ".join(f"`{name}: {_as_yaml(at)}`" for name, at in self._settings.items())

    def missing(self, texts: Texts) -> Texts:
        """Return where there is no value, or a text that means none."""
        null_values = pa.array(sorted(self.null_values), pa.string())
        return compute.or_kleene(compute.is_null(texts), compute.is_in(texts, null_values))

    def numbers(self, texts: Texts) -> Texts:
        """Return the numbers that texts are, as float64; null for one that is none."""
        plain = compute.utf8_trim_whitespace(texts)
        plain = compute.replace_substring(plain, "\u2212", "-")  # the minus sign of typography
        for affix in map(re.escape, self._strip):
            # A sign may stand on either side of it, and a parenthesis around both.
            before = rf"^(\(?[+-]?)\s*{affix}\s*"
            plain = compute.replace_substring_regex(plain, before, r"\1")
            plain = compute.replace_substring_regex(plain, rf"\s*{affix}\s*([)-]?)$", r"\1")
        if self._negatives == "parentheses":
            plain = compute.replace_substring_regex(plain, r"^\((.*)\)$", r"-\1")
        if self._negatives == "trailing":
            plain = compute.replace_substring_regex(plain, r"^(.*\S)\s*-$", r"-\1")
        fits = compute.match_substring_regex(plain, self._form(), ignore_case=True)
        plain = compute.if_else(fits, plain, None)
        if self._thousands is not None:
            plain = compute.replace_substring_regex(plain, self._thousands, "")
        plain = compute.replace_substring(plain, self._decimal, ".")
        plain = compute.utf8_ltrim(plain, "+")
        return compute.cast(plain, pa.float64())

    def times(self, texts: Texts) -> Texts:
        """Return the times that texts are in ``date_format``; null for one that is none."""
        form = self._date_format
        if form is None:
            return pa.nulls(len(texts), pa.timestamp("us"))
        zoned = "%z" in form or "%Z" in form
        moments = pd.to_datetime(texts.to_pandas(), format=form, errors="coerce", utc=zoned)
        return pa.array(moments.astype("datetime64[us, UTC]" if zoned else "datetime64[us]"))

    def whole_number_days(self, numbers: Texts) -> Texts | None:
        """Return the days that whole numbers are in ``date_format``; None where one is none."""
        if not self.reads_days or not len(numbers):
            return None
        try:
            texts = numbers.cast(pa.int64()).cast(pa.string())
        except pa.ArrowInvalid:
            return None
        days = self.times(texts)
        return days if days.null_count == numbers.null_count < len(numbers) else None

    def is_plain(self, texts: Texts) -> Texts:
        """Return which texts are numbers to every program."""
        return compute.match_substring_regex(texts, r"^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$")

    def booleans(self, texts: Texts) -> Texts:
        """Return 1 and 0 for texts that are booleans; null for one that is none."""
        lower = compute.utf8_lower(compute.utf8_trim_whitespace(texts))
        true = compute.is_in(lower, pa.array(["true", "1"]))
        fits = compute.or_(true, compute.is_in(lower, pa.array(["false", "0"])))
        return compute.if_else(fits, true.cast(pa.float64()), None)

    def are_times(self, texts: Texts) -> bool:
        """Whether all texts are times in ISO 8601, those apart that mean no value."""
        present = texts.filter(compute.invert(self.missing(texts)))
        return bool(len(present)) and all_times(present)

    def _form(self) -> str:
        whole = r"\d+"
        if self._thousands is not None:
            mark = self._thousands
            # Groups of two before the last are India's.
            whole = rf"(\d{{1,3}}({mark}\d{{2,3}})*{mark}\d{{3}}|\d+)"
        decimal = re.escape(self._decimal)
        number = rf"({whole}({decimal}\d*)?|{decimal}\d+)(e[+-]?\d+)?"
        return rf"^([+-]?({number}|inf|infinity)|nan)$"


def _as_yaml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_as_yaml, value))}]"
    return f'"{value}"'
