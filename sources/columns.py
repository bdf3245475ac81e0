"""Checks of column names that every reader makes, in the same words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sources.bad_rows import has_unkept
from sources.errors import SourceError
from sources.validation import closest

_LISTED = 20


@dataclass(frozen=True)
class ChosenColumns:
    """The columns of a frame, and the columns of the source that they come from.

    Attributes:
        sources: name in the source by name in the frame, in the order of the frame.
        texts: names in the frame of key columns, which hold text exactly as the source has it.
    """

    sources: Mapping[str, str]
    texts: frozenset[str]

    @property
    def names(self) -> list[str]:
        """The columns of the source that are read."""
        return list(dict.fromkeys(self.sources.values()))

    @property
    def twice(self) -> list[str]:
        """Those that the frame holds as values and as text."""
        return [name for shown, name in self.sources.items() if shown != name]


def key_name(name: str) -> str:
    """Return what a frame calls the text of a key column that it holds as a value as well."""
    return f"{name}\0key"  # no source has such a name: text with a NUL is refused


def check_names(place: str, names: Sequence[str], max_columns: int) -> None:
    """Check the columns a source has.

    Raises:
        SourceError: more than ``max_columns``, two of the same name, or one that holds what no
            database can keep.
    """
    unkept = [name for name in names if has_unkept(name)]
    if unkept:
        raise SourceError(
            f"{place}: the column {unkept[0]!r} has a name that holds NUL or half a character: "
            "rename it"
        )
    if len(names) > max_columns:
        raise SourceError(
            f"{place}: has {len(names)} columns, more than the {max_columns} allowed: "
            "is `delimiter` right? If it is so wide, transpose it, or raise VIGIL_READ_MAX_COLUMNS"
        )
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise SourceError(
            f"{place}: more than one column is named {_quoted(repeated)}: "
            "rename them, so that each column has a name of its own"
        )


def choose_columns(place: str, names: Sequence[str], wanted: Sequence[str] | None) -> list[str]:
    """Return the columns to read, in the order wanted; all of ``names`` when ``wanted`` is None.

    Raises:
        SourceError: a column wanted is not there; the message names the closest that is.
    """
    if wanted is None:
        return list(names)
    present = set(names)
    for name in wanted:
        if name not in present:
            raise SourceError(f"{place}: has no column `{name}`{closest(name, names)}")
    return list(dict.fromkeys(wanted))


def choose_with_keys(
    place: str, names: Sequence[str], wanted: Sequence[str] | None, keys: Sequence[str]
) -> ChosenColumns:
    """Return the columns of a frame: those wanted as values, and the keys as text.

    Args:
        place: of the source, for errors.
        names: the columns that are there.
        wanted: those to give as values; when None, all but the keys.
        keys: those that identify a row.

    Raises:
        SourceError: a column wanted is not there; the message names the closest that is.
    """
    if wanted is None:
        return ChosenColumns({name: name for name in names}, frozenset(keys) & frozenset(names))
    sources = {name: name for name in choose_columns(place, names, wanted)}
    texts = {
        key_name(name) if name in wanted else name: name
        for name in choose_columns(place, names, keys)
    }
    return ChosenColumns(sources | texts, frozenset(texts))


def _quoted(names: Sequence[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:_LISTED])
    return f"{listed} and {len(names) - _LISTED} others" if len(names) > _LISTED else listed
