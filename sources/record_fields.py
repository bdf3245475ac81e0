"""Columns of records by dotted paths, whatever a record is: an object, nested ones, or a list."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from sources.errors import SourceError

_NOTHING = object()
_LISTED = 8


class FieldPicker:
    """Takes from each record what its source's ``fields`` name; without them, all it holds.

    Args:
        place: of the source, for errors.
        fields: the path of each column.
    """

    def __init__(self, place: str, fields: Mapping[str, str]) -> None:
        self._place = place
        self._fields = fields
        self._absent = dict(fields)
        self._first: Any = _NOTHING

    def pick(self, records: Iterable[Any]) -> Iterator[Any]:
        """Yield an object for each record that has parts; a value that it lacks is None."""
        if not self._fields:
            yield from records
            return
        for record in records:
            if not isinstance(record, (dict, list)):
                yield record  # which is then refused by its number
                continue
            if self._first is _NOTHING:
                self._first = record
            picked = {name: _part(record, path) for name, path in self._fields.items()}
            for name in [name for name in self._absent if picked[name] is not _NOTHING]:
                del self._absent[name]
            yield {name: None if at is _NOTHING else at for name, at in picked.items()}

    def notices(self, known: Container[str]) -> list[str]:
        """Return which paths led nowhere so far, columns apart that are known."""
        if self._first is _NOTHING:
            return []
        return [
            f"no record has anything at `{path}`, the path of column `{name}`: the first is "
            f"{kind_of(self._first)}"
            for name, path in self._absent.items()
            if name not in known
        ]

    def check(self) -> None:
        """Check that every path led somewhere, where there were records.

        Raises:
            SourceError: one did not; the message says what is there.
        """
        for notice in self.notices(()):
            raise SourceError(f"{self._place}: {notice}: correct `fields`")


def key_paths(keys: Iterable[str], fields: Mapping[str, str]) -> list[str]:
    """Return where the columns that identify a row are in a record."""
    return [fields.get(name, name) for name in keys]


def value_at(document: Any, path: str) -> Any:
    """Return the value at a dotted path, or None where there is none.

    A number counts in a list, from 0. A key may hold dots itself.
    """
    found = _part(document, path) if path else document
    return None if found is _NOTHING else found


def records_of_columns(
    place: str, document: Any, path: str, fields: Mapping[str, str]
) -> list[Any]:
    """Return the rows of an object that holds a list for each column.

    Args:
        place: of the document, for errors.
        document: as it was parsed.
        path: where the object is.
        fields: the path of each column in it; every key of a list when empty.

    Raises:
        SourceError: there is no such object, a path leads to no list, or lists differ in length.
    """
    found = value_at(document, path)
    where = f" at `{path}`" if path else ""
    if not isinstance(found, dict):
        raise SourceError(
            f"{place}: expected an object with a list for each column{where}, found "
            f"{kind_of(found)}: set `records` to where it is, or `orient: records`"
        )
    lists = {key: key for key, value in found.items() if isinstance(value, list)}
    columns = {name: value_at(found, at) for name, at in (fields or lists).items()}
    for name, values in columns.items():
        if not isinstance(values, list):
            raise SourceError(
                f"{place}: expected a list of values at `{(fields or lists)[name]}`, the path of "
                f"column `{name}`, found {kind_of(values)}; there are lists at "
                f"{', '.join(list(lists)[:_LISTED]) or 'no key'}"
            )
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        counted = ", ".join(f"{name} {length}" for name, length in list(lengths.items())[:_LISTED])
        raise SourceError(
            f"{place}: its columns have different numbers of values ({counted}): set `fields` to "
            "those of the same"
        )
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def kind_of(value: Any) -> str:
    """Return what a value of JSON is, in words."""
    if isinstance(value, dict):
        return f"an object with {', '.join(list(value)[:_LISTED]) or 'nothing in it'}"
    names = {str: "a text", bool: "a boolean", type(None): "nothing"}
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return names.get(type(value), "a number")


def _part(value: Any, path: str) -> Any:
    while True:
        if isinstance(value, dict) and path in value:
            return value[path]
        key, dot, path = path.partition(".")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return _NOTHING
        if not dot:
            return value
