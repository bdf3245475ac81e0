"""Field types of source configurations that hold references, and never a literal secret."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from sources.literal_secrets import (
    refuse_literal_headers,
    refuse_literal_secrets_in_url,
    refuse_literal_values,
)
from sources.secrets import check_references

_Text = Annotated[str, AfterValidator(check_references)]

Address = Annotated[_Text, Field(min_length=1), AfterValidator(refuse_literal_secrets_in_url)]
Parameters = Annotated[dict[str, _Text], AfterValidator(refuse_literal_values)]
Headers = Annotated[dict[str, _Text], AfterValidator(refuse_literal_headers)]
Options = Annotated[dict[str, JsonValue], AfterValidator(refuse_literal_values)]
RecordsPath = Annotated[
    str,
    Field(
        pattern=r"^([^.\s]+(\.[^.\s]+)*)?$",
        description="dotted path to the list of records, e.g. data.items; empty: the document",
    ),
]


def _check_path(path: str) -> str:
    if not all(key.strip() for key in path.split(".")):
        raise ValueError("expected keys with dots between, e.g. metrics.cpu or disks.0.used")
    return path


_Path = Annotated[str, AfterValidator(_check_path)]
Fields = dict[Annotated[str, Field(min_length=1)], _Path]
FIELDS = (
    "columns, each with the dotted path to its value in a record, e.g. cpu: metrics.cpu; a number "
    "counts in a list, from 0; every key of a record when empty"
)
Orient = Annotated[
    Literal["records", "columns"],
    Field(
        description="records: a list with an object or a list for each row; columns: an object "
        "with a list for each column"
    ),
]

# What pandas.read_csv takes for no value.
NULL_VALUES = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)


def check_date_format(form: str) -> str:
    """Return ``form`` if it is a format of strptime that tells a day or a time of day.

    Raises:
        ValueError: it is not.
    """
    moment = datetime(2001, 12, 31, 23, 58, 59, tzinfo=UTC)
    try:
        datetime.strptime(moment.strftime(form), form)
    except ValueError:
        form = ""
    if moment.strftime(form) == form:
        raise ValueError("expected codes of strptime, e.g. %d.%m.%Y, %m/%d/%Y %H:%M or %b %d, %Y")
    return form
