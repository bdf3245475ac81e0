"""Rows that cannot be read, and characters that cannot be kept: each costs itself, and is said."""

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from sources.errors import SourceError
from sources.values import UnreadableValue

_SHARE = 100  # one row in so many may be left out
_PAGE = 10  # rows of which a stream should find one that it can read
_COUNTED = 10_000  # texts that were changed
_EARLY = 1000  # rows left out after which a wrong format is noticed before the end
# What is half of a character, and NUL, which PostgreSQL takes in no text.
_UNKEPT = re.compile("[\0\ud800-\udfff]")


class BadRows:
    """Gathers what is wrong with single rows of a source while it is read.

    Args:
        place: of the source.
        keys: columns that identify a row, in which two texts never become the same one.

    Attributes:
        n_rows: rows that were read.
        n_left_out: rows that were not.
    """

    def __init__(self, place: str, keys: Collection[str] = ()) -> None:
        self._place = place
        self._keys = frozenset(keys)
        self.restart()

    def restart(self) -> None:
        """Forget everything: the source is read again from its beginning."""
        self.n_rows = self.n_left_out = 0
        self._first_left_out = ""
        self._replaced: dict[str, None] = {}  # by place: a table is read more than once
        self._unreadable: dict[str, tuple[str, int]] = {}  # the first and how many, by column

    def leave_out(self, where: str, why: str) -> None:
        """Note a row that is left out.

        Args:
            where: its place, such as ``line 7``.
            why: what is wrong with it, and what to do.

        Raises:
            SourceError: so many are that the format is another one.
        """
        self._first_left_out = self._first_left_out or f"{where} {why}"
        self.n_left_out += 1
        if self.n_left_out % _EARLY == 0:
            self.check()

    def check(self) -> None:
        """Check that only single rows were left out.

        Raises:
            SourceError: none was read, or more than one, and one in 100, were left out.
        """
        most = max(1, (self.n_rows + self.n_left_out) // _SHARE)
        if self.n_left_out > most or (self.n_left_out and not self.n_rows):
            raise SourceError(f"{self._place}: {self._first_left_out}{self._others()}")

    def check_page(self) -> None:
        """Check that a stream can go on: it may come upon a single row at a time.

        Raises:
            SourceError: no row was read, and ten or more were left out.
        """
        if not self.n_rows and self.n_left_out >= _PAGE:
            raise SourceError(f"{self._place}: {self._first_left_out}{self._others()}")

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of the rows that were read."""
        said = []
        if self.n_left_out:
            what = "1 row was" if self.n_left_out == 1 else f"{self.n_left_out} rows were"
            said.append(f"{what} left out: {self._first_left_out}{self._others()}")
        if self._replaced:
            n_replaced = len(self._replaced)
            what = "1 text holds" if n_replaced == 1 else f"{n_replaced} texts hold"
            said.append(
                f"{what} characters that cannot be kept, replaced by U+FFFD, and in keys by their "
                f"escapes; the first: {next(iter(self._replaced))}"
            )
        said += [
            f"column `{name}` holds {first}, which lies beyond the values that can be kept: it is "
            f"missing in {counted} of these rows"
            for name, (first, counted) in self._unreadable.items()
        ]
        return tuple(said)

    def kept(self, value: Any, name: str, where: Callable[[], str]) -> Any:
        """Return a value with what no database can hold replaced, within lists and objects too.

        Args:
            value: any; texts that were decoded with ``surrogateescape`` among them.
            name: its column.
            where: returns the place of its row.
        """
        if isinstance(value, str):
            if not _UNKEPT.search(value):
                return value
            if len(self._replaced) < _COUNTED:
                self._replaced[f"{where()}, column `{name}`"] = None
            return _UNKEPT.sub(_escape if name in self._keys else "\ufffd", value)
        if isinstance(value, list):
            return [self.kept(item, name, where) for item in value]
        if isinstance(value, dict):
            return {
                _UNKEPT.sub(_escape, key): self.kept(item, name, where)
                for key, item in value.items()
            }
        return value

    def kept_column(
        self, values: Sequence[Any], name: str, locate: Callable[[int], str]
    ) -> Sequence[Any]:
        """Return the values of a column as ``kept`` does; ``locate`` names the place of a row.

        Of values that a database gave as it writes them, since no type holds them, a notice says
        that they are missing; as keys they are text like others.
        """
        if UnreadableValue in set(map(type, values)) and name not in self._keys:
            rows = [row for row, value in enumerate(values) if isinstance(value, UnreadableValue)]
            said = f"{str(values[rows[0]])!r} in {locate(rows[0])}"
            first, counted = self._unreadable.get(name, (said, 0))
            self._unreadable[name] = first, counted + len(rows)
        if not _UNKEPT.search("".join(value for value in values if isinstance(value, str))):
            return values
        return [self.kept(value, name, partial(locate, row)) for row, value in enumerate(values)]

    def _others(self) -> str:
        others = self.n_left_out - 1
        return f" (and {others} other row{'s' * (others > 1)})" if others else ""


def has_unkept(text: str) -> bool:
    """Whether a text holds a character that no database can."""
    return bool(_UNKEPT.search(text))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    # Bytes that are no text come as U+DC80 to U+DCFF.
    is_byte = code == 0 or code in range(0xDC80, 0xDD00)
    return f"\\x{code & 0xFF:02x}" if is_byte else f"\\u{code:04x}"
