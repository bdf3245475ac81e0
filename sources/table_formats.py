"""Folders whose Parquet files count only as far as a table format says so."""

import os
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem

from sources.errors import SourceError

# What stands in the folder of a table, and which names are those of a part of one.
_INSIDE = (
    ("a Delta table", r"_delta_log"),
    ("an Iceberg table", r"metadata/(.*\.metadata\.json|version-hint\.text|snap-.*\.avro)"),
    ("a Hudi table", r"\.hoodie|\.hoodie_partition_metadata"),
    ("the output of a Spark stream", r"_spark_metadata"),
    ("a table with a symlink manifest", r"_symlink_format_manifest"),
    ("a Lance dataset", r"_versions|_transactions"),
    ("a Paimon table", r"snapshot/(snapshot-\d+|LATEST|EARLIEST)|manifest/manifest-.*"),
)
_NAMED = (
    ("a Lance dataset", r".+\.lance"),
    ("a DuckLake", r"ducklake-[-\w]+\.parquet"),
    ("a Hive ACID table", r"(base|delta|delete_delta)_\d{7,}(_.*)?"),
)
_WITH_MARKS = ("metadata", "snapshot", "manifest")  # folders of which a mark names a file
_ABOVE = 8  # levels of partitions between a table's folder and a file


def refuse_table_within(place: str, path: str, files: Iterable[str]) -> None:
    """Refuse a folder that is a table of a known format, or holds one.

    Args:
        place: of the source, for errors.
        path: the folder.
        files: all below it, hidden ones too.

    Raises:
        SourceError: files of it may have been replaced or removed by others.
    """
    for file in files:
        parts = file[len(path) :].strip("/").split("/")
        pairs = ["/".join(parts[depth : depth + 2]) for depth in range(len(parts) - 1)]
        _refuse(place, [*parts, *pairs], _INSIDE + _NAMED)


def refuse_table_around(place: str, store: AbstractFileSystem, path: str) -> None:
    """Refuse a file or folder that is a part of a table of a known format.

    Raises:
        SourceError: the folder, or one above it, is a table's.
    """
    at = PurePosixPath(os.path.realpath(path) if isinstance(store, LocalFileSystem) else path)
    _refuse(place, at.parts, _NAMED)
    for folder in [at, *at.parents][: 1 + _ABOVE]:
        if folder.name:
            _refuse(place, _names(store, str(folder)), _INSIDE)


def _refuse(place: str, names: Iterable[str], formats: Iterable[tuple[str, str]]) -> None:
    for name in names:
        for what, mark in formats:
            if re.fullmatch(mark, name):
                raise SourceError(
                    f"{place}: is {what}, part of one, or holds one ({name}): which of its files "
                    "and rows count is said elsewhere, and rows that were removed or replaced "
                    "would be read: let what writes it export the current rows to a plain folder "
                    "of Parquet files, or ask a query engine for them (`kind: sql`)"
                )


def _names(store: AbstractFileSystem, folder: str) -> list[str]:
    """The names in a folder, and ``folder/name`` where a mark may stand a level below."""
    try:
        names = [PurePosixPath(found).name for found in store.ls(folder, detail=False)]
        for inner in set(names) & set(_WITH_MARKS):
            below = store.ls(f"{folder}/{inner}", detail=False)
            names += [f"{inner}/{PurePosixPath(file).name}" for file in below]
    except (OSError, ValueError):  # may not be listed
        return []
    return names
