"""Files that cannot be scored, and what a person has to be told of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from detectors.errors import DetectorError
from sources.errors import SourceError


@dataclass(frozen=True)
class BadTable:
    """A CSV file.

    Attributes:
        content: of the file; None where there is none.
        says: what the message holds: what is wrong, what was expected, what to do.
        kind: of the error.
        roles: what the source says of its columns.
    """

    content: bytes | None
    says: tuple[str, ...]
    kind: type[Exception] = SourceError
    roles: Mapping[str, object] = field(default_factory=dict)


def rows(*lines: str) -> bytes:
    return "\n".join([*lines, ""]).encode()


def _wide() -> bytes:
    return rows(",".join(f"c{i}" for i in range(10_000)), ",".join(["1"] * 10_000))


NUMBERS = [f"{i},{i * i}" for i in range(20)]

BAD_TABLES = {
    "missing-file": BadTable(None, ("no such file", "put it there, or correct `path`")),
    "empty-file": BadTable(b"", ("is empty (0 bytes)", "was it written to the end?")),
    "header-only": BadTable(
        rows("a,b"), ("no rows, expected at least two", "was the source filled"), DetectorError
    ),
    "ragged": BadTable(
        rows("a,b", "1,2", "1,2,3", "1,2,3"),
        ("row 3 has 3 values, the header has 2", "fix the row, or set `delimiter`"),
    ),
    "wrong-encoding": BadTable(
        "name,x\nMüller,1\n".encode("cp1252"),
        ("column `name` is not utf-8", "set `encoding`", "cp1252"),
    ),
    "binary": BadTable(
        b"\x00\x01\x02\xfe\xff" * 200, ("binary data, expected text", "check `path` and `kind`")
    ),
    "ten-thousand-columns": BadTable(
        _wide(),
        ("10000 columns, more than the 2000", "`delimiter`", "or raise VIGIL_READ_MAX_COLUMNS"),
    ),
    "duplicate-names": BadTable(
        rows("a,b,a", "1,2,3"), ("more than one column is named `a`", "rename")
    ),
    "unknown-column": BadTable(
        rows("amount,b", *NUMBERS),
        ("no column `amuont`", "did you mean `amount`?"),
        roles={"columns": ["amuont"]},
    ),
    "unknown-key": BadTable(
        rows("id,b", *NUMBERS),
        ("`key_columns` names 'idd'", "did you mean 'id'?"),
        DetectorError,
        {"key_columns": ["idd"]},
    ),
    "unknown-cursor": BadTable(
        rows("at,b", *NUMBERS),
        ("`cursor_column` names 'time'", "expected one of at, b"),
        DetectorError,
        {"cursor_column": "time"},
    ),
    "unknown-label": BadTable(
        rows("a,fraud", *NUMBERS),
        ("`label_column` names 'fruad'", "did you mean 'fraud'?"),
        DetectorError,
        {"label_column": "fruad"},
    ),
    "label-of-text": BadTable(
        rows("a,fraud", "1,yes", "2,no", "3,no"),
        ("label column 'fraud' holds 'yes'", "should hold 1 for an anomaly, 0"),
        DetectorError,
        {"label_column": "fraud"},
    ),
    "text-in-a-numeric-column": BadTable(
        rows("amount,b", *NUMBERS, "n.v.,7"),
        ("column 'amount' should hold numbers", "row 20 ", "'n.v.'", "correct the value"),
        DetectorError,
        {"columns": ["amount", "b"]},
    ),
    "no-numeric-column": BadTable(
        rows("a,b", "x,u", "y,v", "x,u"),
        ("no column is left", "a (not numeric (str)", "name columns of text"),
        DetectorError,
    ),
    "one-row": BadTable(rows("a,b", "1,2"), ("one row, expected at least two",), DetectorError),
    "all-rows-equal": BadTable(
        rows("a,b", *["1,2"] * 9),
        ("a (the same value in every row), b (", "expected at least one with numbers that differ"),
        DetectorError,
    ),
    "nan-only": BadTable(
        rows("a,b", ",NaN", "NaN,", ","),
        ("a (no values), b (no values)", "expected at least one with numbers"),
        DetectorError,
    ),
}
