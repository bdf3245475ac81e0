"""Spans of time and points in time, as people write them."""

import re
from datetime import UTC, datetime, timedelta

from cli.group import CommandError

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_LONGEST = 36_500 * 86_400.0  # a hundred years: more is a mistake, and no date can be so far off
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")


def read_seconds(text: str) -> float:
    """Return how many seconds ``10s``, ``5m``, ``1h``, ``2d`` or ``1.5`` are.

    Raises:
        ValueError: it is none of these; the message says what was expected.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    seconds = float(match[1]) * _SECONDS[match[2]] if match else None
    if seconds is None or seconds > _LONGEST:
        raise ValueError(f"expected a duration such as 10s, 5m, 1h or 2d, got {text!r}")
    return seconds


def write_seconds(seconds: float) -> str:
    """Return a duration as ``read_seconds`` takes it: 90 as 90s, 300 as 5m."""
    for unit in ("d", "h", "m"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:.0f}{unit}"
    return f"{seconds:.15g}s"


def read_duration(text: str, option: str) -> float:
    """Return the seconds that an option of the command line asks for, maybe none.

    Raises:
        CommandError: it is no duration.
    """
    try:
        return read_seconds(text)
    except ValueError as error:
        raise CommandError(f"{option} {text}: {error}") from None


def duration_option(text: str, option: str) -> float:
    """Return the seconds that an option of the command line asks for, more than none.

    Raises:
        CommandError: it is no duration, or none at all.
    """
    seconds = read_duration(text, option)
    if not seconds:
        raise CommandError(f"{option} {text}: expected more than nothing")
    return seconds


def moment_option(text: str, option: str, now: datetime) -> datetime:
    """Return the point in time that an option asks for: a date, or so long before ``now``.

    Raises:
        CommandError: it is neither.
    """
    try:
        return now - timedelta(seconds=read_seconds(text))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandError(
            f"{option} {text}: expected so long ago, such as 2h, or a time such as "
            "2026-03-01T12:00, which is UTC unless it says otherwise"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
