"""What a caller asks of an explanation, apart from the detection."""

from dataclasses import dataclass

from models.errors import UnknownRowError

MOST_ROWS = 1000


@dataclass(frozen=True)
class ExplanationRequest:
    """Which rows to explain, and how; see the flow ``explain`` for the fields.

    Attributes:
        rows: row numbers; None where none are named.
        keys: row keys; None where none are named.
        top: so many of the strongest anomalies, where no rows are named.
    """

    rows: tuple[int, ...] | None = None
    keys: tuple[str, ...] | None = None
    top: int = 5
    background: int = 100
    seed: int = 0
    refresh: bool = False

    @property
    def names_rows(self) -> bool:
        """Whether rows are named, by number or key."""
        return self.rows is not None or self.keys is not None

    def check(self) -> None:
        """Refuse no rows, and more than can be looked at.

        Raises:
            UnknownRowError: so it is; a key may still turn out to stand for several rows.
        """
        if self.names_rows:
            asked = len(set(self.rows or ())) + len(set(self.keys or ()))
        else:
            asked = self.top
        check_count(asked)


def check_count(rows: int) -> None:
    """Refuse no rows, and more than can be looked at.

    Raises:
        UnknownRowError: so it is.
    """
    if not 1 <= rows <= MOST_ROWS:
        raise UnknownRowError(
            f"{rows:,} rows to explain, expected 1 to {MOST_ROWS:,}: name rows or keys, or ask for "
            "the strongest anomalies with top"
        )
