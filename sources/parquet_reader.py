"""Read Parquet files, or folders of them, with only the columns wanted."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
import pyarrow as pa
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem
from pyarrow import dataset, parquet

from sources.base import ReadLimits
from sources.columns import check_names, choose_columns
from sources.config import ParquetConfig
from sources.errors import SourceError
from sources.file_roots import allowed_path
from sources.files import check_file, check_size, open_store
from sources.frames import number_rows, to_frame
from sources.secrets import SecretResolver
from sources.sizes import unpacked_size
from sources.store_errors import store_errors


class ParquetReader:
    """Reads a Parquet file or a folder of them, ``key=value`` folder names as columns."""

    def __init__(self, config: ParquetConfig, limits: ReadLimits, secrets: SecretResolver) -> None:
        self._config = config
        self._limits = limits
        self._secrets = secrets

    def read(self, columns: Sequence[str] | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return rows, as ``Reader.read``; only the columns wanted are decoded."""
        with self._opened() as rows:
            wanted = choose_columns(self._config.place, rows.schema.names, columns)
            if limit is None:
                # Each value takes a byte at least: too many are noticed before one is unpacked.
                check_size(self._config.place, rows.count_rows() * len(wanted), self._limits)
                table = self._table(rows.to_batches(columns=wanted), _part(rows.schema, wanted))
            else:
                table = rows.head(limit, columns=wanted, batch_readahead=1, fragment_readahead=1)
        return to_frame(table)

    def read_chunks(
        self, size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pd.DataFrame]:
        """Yield rows, as ``Reader.read_chunks``; one row group is in memory at a time."""
        with self._opened() as rows:
            wanted = choose_columns(self._config.place, rows.schema.names, columns)
            batches = (
                batch
                for file in rows.get_fragments()
                # Arrow's own stream of batches runs ahead by up to a gigabyte.
                for group in file.split_by_row_group()
                for batch in self._group(group, rows.schema, wanted).to_batches(size)
            )
            yield from number_rows(to_frame(pa.Table.from_batches([batch])) for batch in batches)

    def _table(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
        """All batches, given up at the limit: little on a disk may unpack to any size."""
        kept: list[pa.RecordBatch] = []
        size = 0
        for batch in batches:
            size += sum(map(unpacked_size, batch.columns))
            check_size(self._config.place, size, self._limits)
            kept.append(batch)
        return pa.Table.from_batches(kept, schema)

    def _group(
        self, group: dataset.ParquetFileFragment, schema: pa.Schema, wanted: list[str]
    ) -> pa.Table:
        check_size(self._config.place, group.count_rows() * len(wanted), self._limits)
        return self._table(group.to_batches(schema, wanted), _part(schema, wanted))

    @contextmanager
    def _opened(self) -> Iterator[dataset.Dataset]:
        place = self._config.place
        store, path = open_store(self._config, self._limits, self._secrets)
        with store_errors(place, store, self._secrets):
            try:
                yield self._dataset(store, path)
            except pa.ArrowException as error:
                message = self._secrets.redact(str(error))
                raise SourceError(f"{place}: cannot be read as Parquet: {message}") from None

    def _dataset(self, store: AbstractFileSystem, path: str) -> dataset.Dataset:
        files = self._files(store, path)
        schemas = [self._schema(store, file) for file in files]
        discovered = self._join(store, path, files).schema  # with the folders' keys
        merged = self._merge([discovered, *schemas], [path, *files])
        check_names(self._config.place, merged.names, self._limits.max_columns)
        return self._join(store, path, files, merged)

    def _join(
        self,
        store: AbstractFileSystem,
        path: str,
        files: list[str],
        schema: pa.Schema | None = None,
    ) -> dataset.Dataset:
        return dataset.dataset(
            files,
            schema=schema,
            filesystem=store,
            format="parquet",
            partitioning="hive",
            partition_base_dir=path,
        )

    def _files(self, store: AbstractFileSystem, path: str) -> list[str]:
        """The one file, or those below the folder, sorted; hidden ones are not data."""
        place = self._config.place
        info = store.info(path)
        if info["type"] != "directory":
            check_file(place, info, self._limits)
            return [path]
        sizes = {
            file: int(details["size"])
            for file, details in sorted(store.find(path, detail=True).items())
            if not any(part[0] in "._" for part in file[len(path) :].strip("/").split("/"))
        }
        if not sizes:
            raise SourceError(f"{place}: the folder holds no file: expected Parquet files")
        if isinstance(store, LocalFileSystem):
            for file in sizes:  # it may be a link
                allowed_path(place, file, self._limits)
        check_size(place, sum(sizes.values()), self._limits)
        return list(sizes)

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


def _part(schema: pa.Schema, names: list[str]) -> pa.Schema:
    return pa.schema([schema.field(name) for name in names])
