"""Read Parquet files, or folders of them, with only the columns wanted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pandas as pd
import pyarrow as pa
from fsspec import AbstractFileSystem
from pyarrow import dataset, parquet

from sources.arrow_text import kept_text
from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.columns import check_names, choose_columns
from sources.config import ParquetConfig
from sources.errors import SourceError
from sources.files import check_file, open_store
from sources.frames import to_frame
from sources.open_table import OpenTable
from sources.parquet_files import TOO_LARGE, as_dataset, check_unpacked, data_files, decode
from sources.parquet_table import ParquetTable
from sources.secrets import SecretResolver
from sources.store_errors import store_errors
from sources.table_formats import refuse_table_around


class ParquetReader:
    """Reads a Parquet file or a folder of them, ``key=value`` folder names as columns."""

    def __init__(
        self, config: ParquetConfig, limits: ReadLimits, secrets: SecretResolver, bad: BadRows
    ) -> None:
        self._bad = bad
        self._config = config
        self._limits = limits
        self._secrets = secrets

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows, as ``Reader.read``; only the columns wanted are decoded."""
        store, path = open_store(self._config, self._limits, self._secrets)
        self._bad.restart()
        with self._errors(store):
            rows = self._dataset(store, path)
            wanted = choose_columns(self._config.place, rows.schema.names, columns)
            if limit is None:
                table = decode(self._config.place, rows.scanner(columns=wanted), self._limits)
            else:
                table = rows.head(limit, columns=wanted, batch_readahead=1, fragment_readahead=1)
            return to_frame(kept_text(self._bad, table))

    @contextmanager
    def open_table(self, columns: Sequence[str] | None = None) -> Iterator[OpenTable]:
        """Open the rows, as ``Reader.open_table``; they are read where they are."""
        store, path = open_store(self._config, self._limits, self._secrets)
        self._bad.restart()
        with self._errors(store):
            rows = self._dataset(store, path)
            wanted = choose_columns(self._config.place, rows.schema.names, columns)
            errors = partial(self._errors, store)
            table = ParquetTable(self._config.place, rows, wanted, self._limits, errors, self._bad)
        yield table

    @contextmanager
    def _errors(self, store: AbstractFileSystem) -> Iterator[None]:
        place = self._config.place
        with store_errors(place, store, self._secrets):
            try:
                yield
            except (pa.ArrowException, UnicodeError) as error:
                message = self._secrets.redact(str(error))
                raise SourceError(f"{place}: cannot be read as Parquet: {message}") from None

    def _dataset(self, store: AbstractFileSystem, path: str) -> dataset.Dataset:
        files = self._files(store, path)
        schemas = [self._schema(store, file) for file in files]
        discovered = as_dataset(store, path, files).schema  # with the folders' keys
        merged = self._merge([discovered, *schemas], [path, *files])
        check_names(self._config.place, merged.names, self._limits.max_columns)
        return as_dataset(store, path, files, merged)

    def _files(self, store: AbstractFileSystem, path: str) -> list[str]:
        """The one file, or those below the folder, sorted; hidden ones are not data."""
        place = self._config.place
        info = store.info(path)
        refuse_table_around(place, store, path)
        if info["type"] != "directory":
            check_file(place, info, self._limits, TOO_LARGE)
            return [path]
        files = data_files(store, path, place, self._limits)
        if not files:
            raise SourceError(
                f"{place}: the folder holds no Parquet file: expected names that end in .parquet, "
                ".parq or .pq"
            )
        check_unpacked(place, sum(int(info["size"]) for info in files.values()), self._limits)
        for file, details in files.items():
            check_file(self._secrets.redact(file), details, self._limits, TOO_LARGE)
        return list(files)

    def _schema(self, store: AbstractFileSystem, file: str) -> pa.Schema:
        try:
            schema = parquet.read_schema(file, filesystem=store)
        except pa.ArrowInvalid as error:
            message = f"{file}: not a whole Parquet file: {error}: write it again"
            raise SourceError(self._secrets.redact(message)) from None
        check_names(self._secrets.redact(file), schema.names, self._limits.max_columns)
        return schema

    def _merge(self, schemas: list[pa.Schema], files: list[str]) -> pa.Schema:
        merged = schemas[0]
        for schema, file in zip(schemas[1:], files[1:], strict=True):
            try:
                merged = pa.unify_schemas([merged, schema], promote_options="permissive")
            except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
                raise SourceError(
                    f"{self._secrets.redact(file)}: does not fit the files before it: {error}: "
                    "write the column with one type in all files"
                ) from None
        return merged
