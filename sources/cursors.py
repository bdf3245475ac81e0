"""Cursors of pollers: JSON text that only the poller that wrote it reads."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from sources.errors import SourceError

MAX_GIVEN = 10_000  # rows or files that a cursor remembers one by one
_MAX_BYTES = 256 * 1024
_DIGEST_BYTES = 8

ColumnKind = Literal["unknown", "number", "boolean", "text", "time"]


class Cursor(BaseModel):
    """Common to the cursors of all kinds.

    Attributes:
        columns: the columns seen so far, in order, and what each has held.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: ClassVar[str]

    columns: dict[str, ColumnKind] = {}

    @classmethod
    def parse(cls, place: str, text: str) -> Self:
        """Return the cursor that ``text`` holds.

        Raises:
            SourceError: it is damaged, or of another kind of source.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            raise foreign_cursor(place, f"is not one of {cls.what}") from None

    def text(self, place: str) -> str:
        """Return the cursor as text.

        Raises:
            SourceError: it has grown too large to be kept.
        """
        text = self.model_dump_json()
        if len(text.encode()) > _MAX_BYTES:
            raise SourceError(
                f"{place}: its cursor is larger than the {_MAX_BYTES} bytes that are kept: "
                f"it names {len(self.columns)} columns: name fewer in `columns`"
            )
        return text


def foreign_cursor(place: str, problem: str) -> SourceError:
    """Return the error for a cursor that is not one of the source as it is declared now."""
    return SourceError(
        f"{place}: the position kept for the stream {problem}: the source was declared anew, or "
        "the position is damaged: begin again with `vigil streams reset`"
    )


def digest(parts: Sequence[object]) -> str:
    """Return 16 characters that stand for ``parts``: their types, values and order."""
    return blake2b(repr(parts).encode(), digest_size=_DIGEST_BYTES).hexdigest()
