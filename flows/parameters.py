"""The types of parameters that several flows share.

Prefect takes bounds from here, and what a parameter means from each flow's docstring.
"""

from typing import Annotated

from pydantic import Field

from tasks.ages import AGE_PATTERN
from tasks.explanation_request import MOST_ROWS

Age = Annotated[str, Field(pattern=AGE_PATTERN, examples=["90d", "12w", "2y"])]
ExplainTop = Annotated[int, Field(ge=0, le=MOST_ROWS)]
SampleSize = Annotated[int | None, Field(ge=2)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
