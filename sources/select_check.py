"""Check that a query is one statement that reads."""

import re

_REST = r"""| "(?:[^"]|"")*" | `[^`]*` | \$(\w*)\$.*?\$\1\$ | --[^\n]* | /\*.*?\*/"""
_QUOTED = re.compile(rf"""'(?:[^']|'')*' {_REST}""", re.DOTALL | re.VERBOSE)
# In a PostgreSQL text E'...', and in every one of MySQL.
_QUOTED_WITH_BACKSLASHES = re.compile(rf"""'(?:[^'\\]|\\.)*' {_REST}""", re.DOTALL | re.VERBOSE)
_READING = ("select", "with", "values", "table")


def check_select(query: str) -> str:
    """Return ``query`` as it is.

    This catches mistakes early and says so plainly; what keeps a database unchanged is the
    read-only transaction a query runs in.

    Raises:
        ValueError: it begins with another word than SELECT or WITH, or holds two statements.
    """
    for quoted in (_QUOTED, _QUOTED_WITH_BACKSLASHES):
        bare = quoted.sub(" ", query)
        words = [re.search(r"\w+", statement) for statement in bare.split(";")]
        first = [word[0] for word in words if word]
        if len(first) != 1:
            raise ValueError(f"expected one SELECT statement, found {len(first)}")
        if first[0].lower() not in _READING:
            raise ValueError(
                f"expected a statement that begins with SELECT or WITH, not {first[0]}"
            )
    return query


def without_semicolon(query: str) -> str:
    """Return a query that ``check_select`` let pass without the semicolon at its end."""
    bare = _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), query)
    return "".join(" " if shown == ";" else kept for shown, kept in zip(bare, query, strict=True))
