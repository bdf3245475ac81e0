"""A named source: where its rows are, and what its columns mean."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from sources.config import CONFIGS, SourceConfig, parse_source_config, setting_names
from sources.declarations import parse_entries
from sources.errors import SourceError
from sources.validation import closest, describe_problems
from sources.yaml_lines import Entry, load_sections

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _check_slug(name: str) -> str:
    if not _SLUG.fullmatch(name):
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        example = f", e.g. {slug}" if slug else ""
        raise ValueError(f"expected lowercase letters, digits and single dashes{example}")
    return name


def _check_names(names: object) -> object:
    if not isinstance(names, (list, tuple)):
        raise ValueError("expected a list of names, e.g. [id]")
    repeated = sorted({str(name) for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} is listed more than once")
    return names


Slug = Annotated[
    str,
    Field(max_length=80, description="lowercase letters, digits and single dashes: orders-eu"),
    AfterValidator(_check_slug),
]
ColumnName = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[ColumnName, ...], BeforeValidator(_check_names)]


class SourceDefinition(BaseModel):
    """One source, as a person declares it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Slug
    config: SourceConfig
    description: str = Field("", description="what the rows are, for people")
    tags: Names = Field((), description="words to find it by")
    key_columns: Names = Field((), description="columns that identify a row")
    cursor_column: ColumnName | None = Field(
        None, description="column that grows with each new row; streams read on from it"
    )
    label_column: ColumnName | None = Field(
        None, description="ground truth, for evaluation only; never a feature"
    )
    columns: Annotated[Names, Field(min_length=1)] | None = Field(
        None, description="columns to score; every numeric and boolean one when omitted"
    )

    @model_validator(mode="after")
    def _label_is_apart(self) -> Self:
        if self.label_column in (self.columns or ()):
            raise ValueError("`columns` holds the label column: ground truth is never a feature")
        if self.label_column is not None and self.label_column in self.key_columns:
            raise ValueError("`key_columns` holds the label column: a key identifies a row")
        return self


_COMMON = tuple(name for name in SourceDefinition.model_fields if name != "config")


def parse_source_definition(
    fields: Mapping[str, object], folder: Path | None = None
) -> SourceDefinition:
    """Return the source these fields declare, the kind's own beside the common ones.

    Args:
        fields: ``name``, ``kind``, the common fields, and those of the kind.
        folder: where relative paths start; the working directory when omitted.

    Raises:
        SourceError: a field is missing, unknown or not allowed; the message names each.
    """
    if "kind" not in fields:
        raise SourceError(f"`kind` is missing: expected one of {', '.join(CONFIGS)}")
    kind = str(fields["kind"])
    known = (*_COMMON, *setting_names(kind))
    unknown = [
        f"unknown key `{name}`{closest(name, known)}" for name in fields if name not in known
    ]
    if unknown:
        raise SourceError("; ".join(unknown))
    common = {name: value for name, value in fields.items() if name in _COMMON}
    own = {name: value for name, value in fields.items() if name not in common}
    config = parse_source_config(kind, own)
    try:
        return SourceDefinition.model_validate(
            {**common, "config": config.relative_to(folder) if folder else config}
        )
    except ValidationError as error:
        problems = describe_problems(error, _COMMON)
    raise SourceError("; ".join(problems))


def load_sources_file(path: Path) -> list[SourceDefinition]:
    """Return the sources a YAML file declares, in its order.

    The file has one key, ``sources``, with a list; each entry holds ``name``, ``kind``, the common
    fields of ``SourceDefinition`` and the fields of its kind, side by side. Relative paths start
    at the file's folder.

    Raises:
        SourceError: the file cannot be read, or an entry is wrong; the message lists everything
            that is wrong, with the line of each entry.
    """
    return parse_sources(path, load_sections(path, ["sources"])["sources"])


def parse_sources(path: Path, entries: Sequence[Entry]) -> list[SourceDefinition]:
    """Return the sources that the entries of a YAML file declare, in their order.

    Raises:
        SourceError: as ``load_sources_file``.
    """
    parse = partial(parse_source_definition, folder=path.absolute().parent)
    return parse_entries(path, entries, parse, "source", "`name` and `kind`")
