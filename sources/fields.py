"""Field types of source configurations that hold references, and never a literal secret."""

from typing import Annotated

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
