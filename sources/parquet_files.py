"""Parquet files below a folder: which there are, and what is in them, within limits."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem
from pyarrow import dataset

from sources.base import ReadLimits
from sources.columns import ChosenColumns
from sources.errors import SourceError
from sources.file_roots import allowed_path
from sources.files import check_size
from sources.sizes import unpacked_size
from sources.values import as_text


def data_files(
    store: AbstractFileSystem, path: str, place: str, limits: ReadLimits
) -> dict[str, Mapping[str, Any]]:
    """Return what ``store`` says of each file below ``path``, sorted; hidden ones are not data.

    Raises:
        SourceError: one is a link to a place that may not be read.
    """
    found = {
        file: details
        for file, details in sorted(store.find(path, detail=True).items())
        if not any(part[0] in "._" for part in file[len(path) :].strip("/").split("/"))
    }
    if isinstance(store, LocalFileSystem):
        for file in found:
            allowed_path(place, file, limits)
    return found


def as_dataset(
    store: AbstractFileSystem, path: str, files: list[str], schema: pa.Schema | None = None
) -> dataset.Dataset:
    """Return files below ``path`` as one table; ``key=value`` folder names are columns.

    Raises:
        ArrowInvalid: a file is not whole.
    """
    return dataset.dataset(
        files,
        schema=schema,
        filesystem=store,
        format="parquet",
        partitioning="hive",
        partition_base_dir=path,
    )


def with_texts(place: str, table: pa.Table, chosen: ChosenColumns) -> pa.Table:
    """Return a table as frames show it: key columns as text, of any type.

    Raises:
        SourceError: a key column has a type whose values have no text.
    """
    columns = {}
    for shown, name in chosen.sources.items():
        column = table.column(name)
        try:
            columns[shown] = as_text(column) if shown in chosen.texts else column
        except (pa.ArrowException, ValueError, OverflowError) as error:
            raise SourceError(
                f"{place}: key column `{name}` holds {column.type}, which cannot be written as "
                f"text ({error}): name another key, or write the column as text"
            ) from None
    return pa.table(columns)


def decode(place: str, rows: dataset.Scanner, limits: ReadLimits) -> pa.Table:
    """Return all rows of a scan, given up at the limit.

    A kilobyte of Parquet can hold a billion rows, and what it says of its own size is not the size
    of its values.

    Raises:
        SourceError: there are more than ``limits.max_bytes`` of values.
        ArrowException: they cannot be decoded.
    """
    schema = rows.projected_schema
    # Each value takes a byte at least: too many are noticed before one is unpacked.
    check_size(place, rows.count_rows() * len(schema), limits)
    kept: list[pa.RecordBatch] = []
    size = 0
    for batch in rows.to_batches():
        size += sum(map(unpacked_size, batch.columns))
        check_size(place, size, limits)
        kept.append(batch)
    return pa.Table.from_batches(kept, schema)
