"""Checks of column names that every reader makes, in the same words."""

from collections import Counter
from collections.abc import Sequence

from sources.bad_rows import has_unkept
from sources.errors import SourceError
from sources.validation import closest

_LISTED = 20


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


def _quoted(names: Sequence[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:_LISTED])
    return f"{listed} and {len(names) - _LISTED} others" if len(names) > _LISTED else listed
