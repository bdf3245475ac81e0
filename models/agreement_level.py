"""How many of the detectors of a comparison agree on a row."""

from enum import StrEnum

from models.types import text_enum


class AgreementLevel(StrEnum):
    """Exclusive, over the detectors that succeeded: a row has exactly one."""

    ALL = "all"
    MAJORITY = "majority"
    SOME = "some"
    ONE = "one"


AgreementLevelType = text_enum(AgreementLevel, "level")
