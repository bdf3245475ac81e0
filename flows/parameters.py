"""The parameters that several flows share, as the form in the Prefect UI shows them."""

from typing import Annotated

from pydantic import Field

from detectors.features import MissingPolicy
from detectors.registry import BatchConfig
from detectors.threshold import ThresholdPolicy

SourceName = Annotated[str, Field(description="Name of a registered source.")]

DetectorChoice = Annotated[BatchConfig, Field(description="The algorithm and its parameters.")]

Columns = Annotated[
    list[str] | None,
    Field(description="Columns to watch; every numeric and boolean one when empty."),
]

SampleSize = Annotated[
    int | None,
    Field(ge=2, description="Rows to fit on, drawn at random; all rows are scored anyway."),
]

Threshold = Annotated[
    ThresholdPolicy, Field(description="How the score above which a row is an anomaly is chosen.")
]

Missing = Annotated[
    MissingPolicy, Field(description="What to do with rows in which a value is missing.")
]

Seed = Annotated[int, Field(ge=0, le=2**32 - 1, description="The same seed gives the same result.")]
