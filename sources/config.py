"""What is needed to read one source of each kind, as typed, frozen configurations."""

import codecs
import os.path
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from sources.errors import SourceError
from sources.fields import (
    FIELDS,
    Address,
    Fields,
    Headers,
    Options,
    Orient,
    Parameters,
    RecordsPath,
)
from sources.secrets import REFERENCE
from sources.select_check import check_select
from sources.text_settings import TextSettings
from sources.validation import closest, describe_problems


class _Config(TextSettings):
    """Common to all kinds: no field may be unknown, none may change, no input is repeated."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    display_name: ClassVar[str]

    @property
    def place(self) -> str:
        """Where the rows are, as errors name it; references stay unresolved."""
        raise NotImplementedError

    def relative_to(self, folder: Path) -> Self:
        """Return a copy whose relative paths start at ``folder``."""
        return self


class FileConfig(_Config):
    """Common to the kinds that are read from files."""

    path: Address = Field(
        description="file, local or of an object store (s3://bucket/key, gs://bucket/key)"
    )
    storage_options: Options = Field(
        {},
        description="options of the object store, as fsspec names them; secrets as references",
    )

    @property
    def place(self) -> str:
        """The path as it was given."""
        return self.path

    def relative_to(self, folder: Path) -> Self:
        """Return a copy whose path, if relative and local, starts at ``folder``."""
        return self.model_copy(update={"path": _absolute(self.path, folder)})


class CsvConfig(FileConfig):
    """A CSV file with a header row; ``.gz`` is unpacked."""

    display_name = "CSV file"

    kind: Literal["csv"] = "csv"
    delimiter: str = Field(",", min_length=1, max_length=1, description="between two values")
    quote: str = Field('"', min_length=1, max_length=1, description="around a value")
    encoding: str = Field("utf-8", description="of the text, e.g. utf-8, latin-1, cp1252, utf-16")
    skip_rows: int = Field(0, ge=0, le=10_000, description="lines before the header")

    @field_validator("delimiter", mode="before")
    @classmethod
    def _written_tab(cls, delimiter: object) -> object:
        return "\t" if delimiter == r"\t" else delimiter

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise ValueError(
                "unknown encoding: expected one of Python's, e.g. utf-8, latin-1, cp1252, utf-16"
            ) from None
        return encoding

    @model_validator(mode="after")
    def _distinct_characters(self) -> Self:
        if self.delimiter in (self.quote, "\n", "\r"):
            raise ValueError("`delimiter` must differ from `quote` and from a line break")
        return self


class JsonConfig(FileConfig):
    """A JSON document that holds a list of records, or a list for each column."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    display_name = "JSON document"

    kind: Literal["json"] = "json"
    records: RecordsPath = ""
    orient: Orient = "records"
    fields: Fields = Field({}, description=FIELDS)


class JsonLinesConfig(FileConfig):
    """A file with one JSON object a line; ``.gz`` is unpacked."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    display_name = "JSON lines file"

    kind: Literal["jsonl"] = "jsonl"
    fields: Fields = Field({}, description=FIELDS)


class ParquetConfig(FileConfig):
    """A Parquet file, or a folder of them read in the order of their names."""

    display_name = "Parquet file or folder"

    kind: Literal["parquet"] = "parquet"


class SqlConfig(_Config):
    """A table, or the result of a SELECT, in a database that SQLAlchemy knows."""

    display_name = "SQL table or query"

    kind: Literal["sql"] = "sql"
    url: Address = Field(
        description="SQLAlchemy address, e.g. postgresql://user:{env:DB_PASSWORD}@host/database"
    )
    table: str | None = Field(None, min_length=1, description="table or schema.table")
    query: Annotated[str, AfterValidator(check_select)] | None = Field(
        None, description="one SELECT statement; ORDER BY keeps the order of its rows"
    )
    lag: float = Field(
        0,
        ge=0,
        allow_inf_nan=False,
        description="how late a row may come, for streams: they look again so far back from the "
        "last cursor, in seconds where it is a time, else in its own units",
    )

    @model_validator(mode="after")
    def _table_or_query(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("expected either `table` or `query`")
        return self

    @property
    def place(self) -> str:
        """Table or query, and its database."""
        return f"table {self.table} of {self.url}" if self.table else f"query on {self.url}"

    def relative_to(self, folder: Path) -> Self:
        """Return a copy whose SQLite file, if relative, starts at ``folder``."""
        driver, marker, path = self.url.partition(":///")
        if not driver.startswith("sqlite") or not marker or path in ("", ":memory:"):
            return self
        return self.model_copy(update={"url": f"{driver}:///{_absolute(path, folder)}"})


class HttpConfig(_Config):
    """Records that an HTTP address answers with, as JSON."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    display_name = "HTTP JSON"

    kind: Literal["http"] = "http"
    url: Address = Field(description="address, e.g. https://api.example.com/orders")
    records: RecordsPath = ""
    orient: Orient = "records"
    fields: Fields = Field({}, description=FIELDS)
    params: Parameters = Field({}, description="query parameters; secrets as references")
    headers: Headers = Field({}, description="request headers; secrets as references")
    pagination: Literal["none", "page", "next", "link", "cursor"] = Field(
        "none",
        description="none: one request; page: count up `page_param` until a page is empty; "
        "next: follow the address at `next_path`; link: follow the Link header with rel=next; "
        "cursor: ask with `cursor_param` for what follows a position",
    )
    page_param: str = Field("page", min_length=1, description="query parameter that counts pages")
    first_page: int = Field(1, ge=0, le=1_000_000, description="number of the first page")
    next_path: str = Field(
        "next", min_length=1, description="dotted path to the address of the next page"
    )
    cursor_param: str = Field(
        "cursor", min_length=1, description="query parameter that takes the position"
    )
    cursor_path: str | None = Field(
        None,
        min_length=1,
        description="dotted path to the next position in an answer; for streams, when left out, "
        "it is the last value of the cursor column",
    )
    max_pages: int = Field(1000, ge=1, le=100_000, description="more pages than this are an error")

    @field_validator("url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if not url.lower().startswith(("http://", "https://")) and not REFERENCE.match(url):
            raise ValueError("expected an address that starts with http:// or https://")
        return url

    @property
    def place(self) -> str:
        """The address, with its own query and no other parameters."""
        return self.url


AnyConfig = CsvConfig | JsonConfig | JsonLinesConfig | ParquetConfig | SqlConfig | HttpConfig
SourceConfig = Annotated[AnyConfig, Field(discriminator="kind")]

CONFIGS: dict[str, type[AnyConfig]] = {
    config.model_fields["kind"].default: config for config in get_args(AnyConfig)
}


def setting_names(kind: str) -> tuple[str, ...]:
    """Return what may be set of a kind, earlier names too.

    Raises:
        SourceError: there is no such kind.
    """
    return (*config_class(kind).model_fields, "decimal_point")


def config_class(kind: str) -> type[AnyConfig]:
    """Return the configuration class of a kind.

    Raises:
        SourceError: there is no such kind; the message names those there are.
    """
    if kind not in CONFIGS:
        raise SourceError(f"unknown kind `{kind}`{closest(kind, CONFIGS)}")
    return CONFIGS[kind]


def parse_source_config(kind: str, fields: Mapping[str, object]) -> SourceConfig:
    """Return the configuration of that kind with these fields.

    Raises:
        SourceError: an unknown kind or field, or a value not allowed; the message names each
            field and what was expected, and repeats no value.
    """
    config = config_class(kind)
    try:
        return config.model_validate(fields)
    except ValidationError as error:
        problems = describe_problems(error, tuple(config.model_fields))
    raise SourceError("; ".join(problems))


def _absolute(path: str, folder: Path) -> str:
    if "://" in path or REFERENCE.match(path):
        return path
    return os.path.normpath(folder / Path(path).expanduser())
