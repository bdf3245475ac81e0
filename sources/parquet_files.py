"""Parquet files below a folder, and the columns that the folders' names add."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from fsspec import AbstractFileSystem
from pyarrow import dataset


def data_files(store: AbstractFileSystem, path: str) -> dict[str, Mapping[str, Any]]:
    """Return what ``store`` says of each file below ``path``, sorted; hidden ones are not data."""
    return {
        file: details
        for file, details in sorted(store.find(path, detail=True).items())
        if not any(part[0] in "._" for part in file[len(path) :].strip("/").split("/"))
    }


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
