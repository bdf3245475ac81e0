"""Lists of JSON objects: find them in a document, and make a table of them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sources.base import ReadLimits
from sources.columns import check_names, choose_with_keys, key_name
from sources.config import HttpConfig, JsonConfig
from sources.errors import SourceError
from sources.json_text import hides_writing, parse_json
from sources.record_fields import key_paths, kind_of, records_of_columns, value_at
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.table_builder import TableBuilder

_BATCH = 10_000


def find_records(place: str, document: Any, config: JsonConfig | HttpConfig) -> list[Any]:
    """Return the records of a JSON document: the list at ``records``, or the rows of columns.

    Raises:
        SourceError: nothing is there, or no list; the message names what is, and lists elsewhere.
    """
    path = config.records
    if config.orient == "columns":
        return records_of_columns(place, document, path, config.fields)
    found = value_at(document, path)
    if isinstance(found, list):
        return found
    where = f" at `{path}`" if path else ""
    elsewhere = [f"`{path}`" if path else "nothing" for path in _lists_in(document)[:3]]
    advice = f": set `records` to {' or '.join(elsewhere)}" if elsewhere else ""
    if not elsewhere and isinstance(found, dict) and any(map(_is_list, found.values())):
        advice = ": set `orient: columns` if each list is a column"
    raise SourceError(f"{place}: expected a list of records{where}, found {kind_of(found)}{advice}")


def parse_records(
    place: str, text: bytes, config: JsonConfig | HttpConfig, keys: Sequence[str], hint: str = ""
) -> tuple[Any, list[Any]]:
    """Return a JSON document and the records in it, whose keys know how they are written.

    Raises:
        SourceError: it is not valid JSON, or there are no records in it.
    """
    document = parse_json(place, text, hint)
    records = find_records(place, document, config)
    paths = key_paths(keys, config.fields if config.orient == "records" else {})
    if paths and hides_writing(records, paths):
        document = parse_json(place, text, hint, as_written=True)
        records = find_records(place, document, config)
    return document, records


def records_table(
    place: str,
    records: Iterable[Any],
    columns: Sequence[str] | None,
    limits: ReadLimits,
    spool: Spool,
    key_columns: Sequence[str] = (),
    null_values: Sequence[str] = (),
) -> SpooledTable:
    """Return one row for each record, one column for each key in the order they first appear.

    Args:
        place: where the records come from, for errors.
        records: JSON objects; a key that one lacks is a missing value there.
        columns: the keys wanted, in this order; all when None.
        limits: the widest table and the most bytes of values.
        spool: what holds the rows.
        key_columns: those that identify a row.
        null_values: texts that mean no value among numbers.

    Raises:
        SourceError: a record is no object, or a limit is passed.
    """
    builder = TableBuilder(place, limits, spool, null_values)
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
    return SpooledTable(spool, True, texts, null_values)


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
            advice = "; name the values of a list, e.g. `fields: {time: 0, value: 1}`"
            raise SourceError(
                f"{place}: record {number} is {kind_of(record)}: "
                'expected an object with a value for each column, e.g. {"id": 1}'
                f"{advice if _is_list(record) else ''}"
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


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value)
