"""What alerts on history are worth where the truth is known, and thresholds to try instead."""

from dataclasses import dataclass

import numpy as np

from detectors.online.alerts import Positions
from detectors.validation import Vector

_RANKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class EventGrade:
    """How alerts compare with labels.

    Labelled rows that follow one another are one event: an alert anywhere in it finds it.

    Attributes:
        events: with a row past those that raise no alert.
        found: those of them with an alert.
        right: alerts on labelled rows.
    """

    events: int
    found: int
    right: int


def labelled_events(labels: Vector) -> list[tuple[int, int]]:
    """Return the first and the last row of each event.

    Args:
        labels: 1 for an anomaly, 0 for none, NaN where that is unknown, shape (n,).
    """
    known = np.concatenate([[False], labels == 1, [False]])
    edges = np.flatnonzero(known[1:] != known[:-1])
    return [(int(start), int(stop) - 1) for start, stop in edges.reshape(-1, 2)]


def grade_alerts(alerts: Positions, labels: Vector, silent_rows: int) -> EventGrade:
    """Hold alerts against labels.

    Args:
        alerts: rows with an alert, in their order.
        labels: as for ``labelled_events``.
        silent_rows: the first rows, which raise no alert.
    """
    events = [(start, stop) for start, stop in labelled_events(labels) if stop >= silent_rows]
    starts = np.array([start for start, _ in events], np.int64)
    stops = np.array([stop for _, stop in events], np.int64)
    inside = np.searchsorted(alerts, stops, "right") > np.searchsorted(alerts, starts, "left")
    return EventGrade(
        events=len(events),
        found=int(np.count_nonzero(inside)),
        right=int(np.count_nonzero(labels[alerts] == 1)),
    )


def other_thresholds(scores: Vector, chosen: float) -> list[float]:
    """Return thresholds that leave 1, 2, 5, 10, ... rows above, and the chosen one, rising.

    Args:
        scores: of the rows that count, shape (n,).
        chosen: the threshold that was asked for.
    """
    falling = np.sort(scores)[::-1]
    others = {float(falling[rank]) for rank in _RANKS if rank < len(falling)}
    return sorted({*(one for one in others if one > 0), chosen})
