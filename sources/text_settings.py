"""How a source writes numbers, dates and missing values where it holds them as text."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AliasChoices, BaseModel, Field, model_validator

from sources.fields import NULL_VALUES, check_date_format


class TextSettings(BaseModel):
    """Common to all kinds; names and meaning are those of ``pandas.read_csv`` where it has them."""

    decimal: Literal[".", ","] = Field(
        ".",
        validation_alias=AliasChoices("decimal", "decimal_point"),
        description="before the decimals of numbers that are texts",
    )
    thousands: Literal[",", ".", " ", "'", "_"] | None = Field(
        None, description="between the thousands of such numbers; a space stands for any space"
    )
    strip: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        (), description="currency or unit to take off beside such numbers, e.g. €, EUR, %, ms"
    )
    negatives: Literal["leading", "trailing", "parentheses"] = Field(
        "leading", description="how negative numbers are written: -1, 1- or (1)"
    )
    date_format: Annotated[str, AfterValidator(check_date_format)] | None = Field(
        None,
        description="of dates that are not ISO 8601, in the codes of strptime, e.g. %d.%m.%Y %H:%M",
    )
    null_values: tuple[str, ...] = Field(
        NULL_VALUES,
        description="texts that mean no value: in a CSV file anywhere, elsewhere among numbers "
        "and times",
    )

    @model_validator(mode="after")
    def _distinct_separators(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError(
                f"`thousands` must differ from `decimal`, which is {self.decimal!r}: set both"
            )
        return self
