"""When the rows of a feed arrive, and whether it has fallen silent."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

_FACTOR = 5
_SHORTEST_SECONDS = 600.0
_ARRIVALS_KNOWN = 10
# Until a week was watched, a pause may be one for the weekend.
_WEEK_SECONDS, _WEEKEND_SECONDS = 7 * 86_400.0, 3 * 86_400.0
_POLLS_MISSED, _SECONDS_MISSED = 3, 60.0


@dataclass(frozen=True)
class Arrivals:
    """What is known of the polls of a feed; small, and the same as JSON.

    A feed is silent when no row has come for five times as long as ever before, for ten minutes at
    least; that is known after ten polls with rows, and once it was watched for as long as that. In
    the first week the silence has to last three days. Time in which nobody polled does not count.

    Attributes:
        polls: with rows.
        watched: seconds in which the feed was polled.
        first: of these, up to the first rows.
        latest: of these, up to the latest rows.
        longest: the most seconds from one poll with rows to the next.
        polled_at: when it was last polled, in seconds since 1970; None before the first poll.
        silent: whether it is silent now.
    """

    polls: int = 0
    watched: float = 0.0
    first: float = 0.0
    latest: float = 0.0
    longest: float = 0.0
    polled_at: float | None = None
    silent: bool = False

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Self:
        """Return what ``dump`` was given."""
        return cls(**kept)

    def dump(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    def poll(self, now: float, every: float, *, rows: bool, limit: float | None) -> Self:
        """Return what is known after a poll.

        Args:
            now: when it was, in seconds since 1970.
            every: seconds from one poll to the next.
            rows: whether it brought rows.
            limit: seconds without rows after which the feed is silent; None for five times the
                longest pause.
        """
        longest_wait = max(_POLLS_MISSED * every, _SECONDS_MISSED, limit or 0.0)
        waited = 0.0 if self.polled_at is None else now - self.polled_at
        known = replace(
            self, polled_at=now, watched=self.watched + min(max(waited, 0.0), longest_wait)
        )
        if rows:
            return replace(
                known,
                polls=self.polls + 1,
                first=known.first if self.polls else known.watched,
                latest=known.watched,
                longest=max(self.longest, known.watched - self.latest) if self.polls else 0.0,
                silent=False,
            )
        return replace(known, silent=self.polls > 0 and (self.silent or known._is_long(limit)))

    def _is_long(self, limit: float | None) -> bool:
        silence, watched = self.watched - self.latest, self.latest - self.first
        if limit is not None:
            return silence >= limit
        needed = max(_FACTOR * self.longest, _SHORTEST_SECONDS)
        if watched < _WEEK_SECONDS:
            needed = max(needed, _WEEKEND_SECONDS)
        return self.polls >= _ARRIVALS_KNOWN and watched >= needed and silence > needed
