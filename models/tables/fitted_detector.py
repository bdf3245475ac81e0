"""The detector as it was fitted, so that what is explained is what was run."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index

from models.base import Table
from models.types import Json, Whole


@dataclass(frozen=True)
class DetectorEnvelope:
    """A fitted detector as bytes, with what is needed to read them again.

    Attributes:
        format_version: the layout of ``payload``.
        algorithm: the detector's name in the registry.
        libraries: versions the payload was written with, by package name.
        payload: the detector.
    """

    format_version: int
    algorithm: str
    libraries: dict[str, str]
    payload: bytes


class FittedDetector(Table, table=True):
    """The envelope of a detection's fitted detector; see ``DetectorEnvelope``."""

    __tablename__ = "fitted_detector"
    __table_args__ = (Index(None, "created_at"),)

    detection_id: UUID = Field(primary_key=True, foreign_key="detection.id", ondelete="CASCADE")
    format_version: int = Field(sa_type=Whole)
    algorithm: str = Field(max_length=60)
    libraries: dict[str, str] = Field(sa_type=Json)
    payload: bytes
    size_bytes: int = Field(sa_type=Whole)
    created_at: datetime
