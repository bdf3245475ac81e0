"""Parquet files below a folder: which there are, and what is in them, within limits."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem
from pyarrow import dataset

from sources.base import ReadLimits
from sources.columns import ChosenColumns
from sources.errors import SourceError
from sources.file_roots import allowed_path
from sources.files import check_regular, check_size
from sources.sizes import unpacked_size
from sources.table_formats import refuse_table_within
from sources.values import as_text

_SUFFIXES = (".parquet", ".parq", ".pq")
TOO_LARGE = "split it into several sources, name fewer `columns`, or raise VIGIL_READ_MAX_BYTES"

Details = Mapping[str, Any]


def data_files(
    store: AbstractFileSystem, path: str, place: str, limits: ReadLimits
) -> dict[str, Details]:
    """Return what ``store`` says of each Parquet file below the folder ``path``, sorted.

    Those are the files whose names end in .parquet, .parq or .pq, or where no name has an ending
    at all, as Hive writes them, all files. Hidden ones, which begin with a dot or an underscore,
    are no data.

    Raises:
        SourceError: the folder is one of a table format; a file is no regular one, or a link to a
            folder or to a place that may not be read.
    """
    found = dict(_below(store, path))
    refuse_table_within(place, path, found)
    shown = {file: details for file, details in sorted(found.items()) if not _hidden(file, path)}
    for file, details in shown.items():
        if details.get("islink"):  # which may lead to anything, from a folder to a device
            shown[file] = _followed(store, file, place)
    files = {file: info for file, info in shown.items() if file.lower().endswith(_SUFFIXES)}
    if not files and not any(PurePosixPath(file).suffix for file in shown):
        files = shown
    for file, details in files.items():
        check_regular(file, details)
        if isinstance(store, LocalFileSystem):
            allowed_path(place, file, limits)
    return files


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
    check_unpacked(place, rows.count_rows() * len(schema), limits)
    kept: list[pa.RecordBatch] = []
    size = 0
    for batch in rows.to_batches():
        size += sum(map(unpacked_size, batch.columns))
        check_unpacked(place, size, limits)
        kept.append(batch)
    return pa.Table.from_batches(kept, schema)


def check_unpacked(place: str, size: int, limits: ReadLimits) -> None:
    """Check the bytes of values of Parquet files.

    Raises:
        SourceError: they are more than ``limits.max_bytes``.
    """
    check_size(place, size, limits, TOO_LARGE)


def _below(store: AbstractFileSystem, path: str) -> Iterator[tuple[str, Details]]:
    if not isinstance(store, LocalFileSystem):
        yield from store.find(path, detail=True).items()
        return
    # A folder below that cannot be listed is an error; ``find`` leaves it out.
    for details in store.ls(path, detail=True):
        if details["type"] == "directory":
            yield from _below(store, details["name"])
        else:
            yield details["name"], details


def _hidden(file: str, path: str) -> bool:
    """Whether a name in the path hides the file; ``_name=value`` is a folder of data."""
    parts = file[len(path) :].strip("/").split("/")
    return any(part[0] == "." or (part[0] == "_" and "=" not in part) for part in parts)


def _followed(store: AbstractFileSystem, file: str, place: str) -> Details:
    try:
        details: Details = store.info(file)
    except OSError as error:
        raise SourceError(f"{file}: is a link that leads nowhere: {error.strerror}") from None
    if details["type"] == "directory":
        raise SourceError(
            f"{file}: is a link to a folder, which is not followed: register that folder as a "
            f"source of its own, or move it into {place}"
        )
    return details
