"""The types that Arrow tries for a column of a CSV file, one after the other."""

import pyarrow as pa

# As the reader of whole files does: each is tried from the first row on.
_LADDER = (
    pa.null(),
    pa.int64(),
    pa.bool_(),
    pa.date32(),
    pa.time32("s"),
    pa.timestamp("s"),
    pa.timestamp("ns"),
    pa.timestamp("s", "UTC"),
    pa.timestamp("ns", "UTC"),
    pa.float64(),
    pa.string(),
)


def wider_type(kind: pa.DataType) -> pa.DataType | None:
    """Return the type to try where a row does not fit ``kind``; None after text."""
    place = _LADDER.index(kind) + 1 if kind in _LADDER else len(_LADDER)
    return _LADDER[place] if place < len(_LADDER) else None
