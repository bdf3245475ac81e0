"""Lists of JSON objects: find them in a document, and make a table of them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sources.base import ReadLimits
from sources.columns import check_names, choose_with_keys, key_name
from sources.errors import SourceError
from sources.json_text import hides_writing, parse_json
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.table_builder import TableBuilder

_BATCH = 10_000


def find_records(place: str, document: Any, path: str) -> list[Any]:
    """Return the list at a dotted path of a JSON document.

    Raises:
        SourceError: nothing is there, or no list; the message names what is, and lists elsewhere.
    """
    found = value_at(document, path)
    if isinstance(found, list):
        return found
    where = f" at `{path}`" if path else ""
    elsewhere = [f"`{path}`" if path else "nothing" for path in _lists_in(document)[:3]]
    advice = f": set `records` to {' or '.join(elsewhere)}" if elsewhere else ""
    raise SourceError(f"{place}: expected a list of records{where}, found {_kind(found)}{advice}")


def parse_records(
    place: str, text: bytes, path: str, keys: Sequence[str], hint: str = ""
) -> tuple[Any, list[Any]]:
    """Return a JSON document and the list of records in it, whose keys know how they are written.

    Raises:
        SourceError: it is not valid JSON, or there is no list at ``path``.
    """
    document = parse_json(place, text, hint)
    records = find_records(place, document, path)
    if keys and hides_writing(records, keys):
        document = parse_json(place, text, hint, as_written=True)
        records = find_records(place, document, path)
    return document, records


def value_at(document: Any, path: str) -> Any:
    """Return the value at a dotted path, or None where there is none."""
    for key in path.split(".") if path else ():
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def records_table(
    place: str,
    records: Iterable[Any],
    columns: Sequence[str] | None,
    limits: ReadLimits,
    spool: Spool,
    key_columns: Sequence[str] = (),
) -> SpooledTable:
    """Return one row for each record, one column for each key in the order they first appear.

    Args:
        place: where the records come from, for errors.
        records: JSON objects; a key that one lacks is a missing value there.
        columns: the keys wanted, in this order; all when None.
        limits: the widest table and the most bytes of values.
        spool: what holds the rows.
        key_columns: those that identify a row.

    Raises:
        SourceError: a record is no object, or a limit is passed.
    """
    builder = TableBuilder(place, limits, spool)
    keys: dict[str, None] = {}
    first = 1
    keyless = 0  # records that wait for the first key: without a column a table has no rows
    for batch in _batches(records):
        check_objects(place, batch, first)
        keys |= dict.fromkeys(key for record in batch for key in record)
        check_names(place, tuple(keys), limits.max_columns)
        chosen = choose_with_keys(place, _named(keys, columns, key_columns), columns, key_columns)
        if chosen.sources:
            gaps = [None] * keyless
            values = {
                shown: gaps + [record.get(name) for record in batch]
                for shown, name in chosen.sources.items()
            }
            builder.add(values, chosen.texts)
            keyless = 0
        else:
            keyless += len(batch)
        first += len(batch)
    if keys:
        choose_with_keys(place, tuple(keys), columns, key_columns)
    elif first > 1 and columns is None:  # a table without columns has no rows either
        raise SourceError(f"{place}: none of its {first - 1} records holds a key: expected values")
    elif columns is not None:  # no record says which keys there are
        chosen = choose_with_keys(place, _named({}, columns, key_columns), columns, key_columns)
        builder.add(dict.fromkeys(chosen.sources, ()), chosen.texts)
    texts = {*key_columns, *map(key_name, key_columns)} - set(columns or ())
    return SpooledTable(spool, times_are_text=True, texts=texts)


def _named(
    found: Iterable[str], columns: Sequence[str] | None, key_columns: Sequence[str]
) -> list[str]:
    """The columns to make of records so far: one that is asked for may come in a later one."""
    asked = () if columns is None else (*columns, *key_columns)
    return list(dict.fromkeys((*found, *asked)))


def _batches(records: Iterable[Any]) -> Iterator[list[Any]]:
    remaining = iter(records)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def check_objects(place: str, batch: Iterable[Any], first: int = 1) -> None:
    """Check that all records are objects.

    Raises:
        SourceError: one is not; the message names it, counted from ``first``.
    """
    for number, record in enumerate(batch, first):
        if not isinstance(record, dict):
            raise SourceError(
                f"{place}: record {number} is {_kind(record)}: "
                'expected an object with a value for each column, e.g. {"id": 1}'
            )


def _lists_in(document: Any, path: str = "") -> list[str]:
    """Dotted paths, at most three keys long, to lists of objects."""
    if isinstance(document, list) and document and isinstance(document[0], dict):
        return [path]
    if not isinstance(document, dict) or path.count(".") > 1:
        return []
    return [
        found
        for key, value in document.items()
        for found in _lists_in(value, f"{path}.{key}" if path else key)
    ]


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(list(value)[:8]) or 'nothing in it'}"
    names = {list: "a list", str: "a text", bool: "a boolean", type(None): "nothing"}
    return names.get(type(value), "a number")
