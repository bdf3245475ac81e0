"""From the scores of a stream's rows to alerts and incidents."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Vector

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class AlertPolicy:
    """When an anomaly is worth telling a person.

    Attributes:
        threshold: a row is an anomaly when it scores above.
        min_consecutive: so many anomalies in a row make an alert, and so does each that follows.
        cooldown_seconds: for so long after an alert, by the rows' own time, there is no other.
            Rows without a time are never cooled down.
        resolve_after: so many rows in a row that are no anomalies end an incident.
    """

    threshold: float
    min_consecutive: int = 1
    cooldown_seconds: float = 0.0
    resolve_after: int = 100


@dataclass(frozen=True)
class AlertMemory:
    """All that the next rows' alerts depend on; small, and the same as JSON.

    Attributes:
        rows: rows judged so far.
        last_anomaly: number of the last anomaly among them, from 0; None if there was none.
        streak: anomalies in a row up to ``last_anomaly``.
        incidents: incidents so far; the number of the last one.
        is_open: whether that one goes on.
        last_alert_at: the time of the last alert that had one, in seconds since 1970.
    """

    rows: int = 0
    last_anomaly: int | None = None
    streak: int = 0
    incidents: int = 0
    is_open: bool = False
    last_alert_at: float | None = None

    def dump(self) -> dict[str, Any]:
        """Return what ``load`` takes."""
        return asdict(self)

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> Self:
        """Return the memory that ``dumped`` was made of."""
        last_alert_at = dumped["last_alert_at"]
        memory = cls(**dumped)
        # A database may give back a whole number without its point.
        return (
            memory if last_alert_at is None else replace(memory, last_alert_at=float(last_alert_at))
        )


@dataclass(frozen=True)
class Judgement:
    """What is made of n rows.

    Attributes:
        anomalies: whether each row is an anomaly, shape (n,).
        alerts: positions of the rows that raise an alert, in their order, shape (n_alerts,).
        incidents: the incident that each alert belongs to, shape (n_alerts,).
        resolved: the incidents that ended, in their order.
        memory: for the rows that follow.
    """

    anomalies: NDArray[np.bool_]
    alerts: Positions
    incidents: Positions
    resolved: tuple[int, ...]
    memory: AlertMemory


def judge(
    policy: AlertPolicy,
    memory: AlertMemory,
    scores: Vector,
    judged: NDArray[np.bool_],
    times: Vector,
) -> Judgement:
    """Decide which rows raise an alert.

    However rows are cut into calls, all calls together give the same.

    Args:
        policy: when there is an alert.
        memory: of the rows before.
        scores: shape (n,).
        judged: which rows count, shape (n,); not those of the warm-up, and not those without a
            score, which neither end a streak nor are quiet.
        times: seconds since 1970, NaN where there is none, shape (n,).
    """
    anomalies = judged & (scores > policy.threshold)
    positions = np.flatnonzero(anomalies)
    numbers = (np.cumsum(judged)[positions] - 1 + memory.rows).tolist()
    total = memory.rows + int(np.count_nonzero(judged))
    state = _State(policy, memory)
    alerts, incidents = [], []
    for position, number, time in zip(
        positions.tolist(), numbers, times[positions].tolist(), strict=True
    ):
        incident = state.meet_anomaly(number, time)
        if incident is not None:
            alerts.append(position)
            incidents.append(incident)
    state.resolve_before(total)
    return Judgement(
        anomalies=anomalies,
        alerts=np.array(alerts, np.int64),
        incidents=np.array(incidents, np.int64),
        resolved=tuple(state.resolved),
        memory=replace(state.memory, rows=total),
    )


class _State:
    """Goes from anomaly to anomaly: the rows between them matter only by their number."""

    def __init__(self, policy: AlertPolicy, memory: AlertMemory) -> None:
        self.memory = memory
        self.resolved: list[int] = []
        self._policy = policy

    def meet_anomaly(self, number: int, time: float) -> int | None:
        """Take in the next anomaly, and return the incident of the alert that it raises, if any."""
        self.resolve_before(number)
        follows = self.memory.last_anomaly == number - 1
        streak = self.memory.streak + 1 if follows else 1
        self.memory = replace(self.memory, last_anomaly=number, streak=streak)
        if streak < self._policy.min_consecutive or self._is_cooling(time):
            return None
        incident = self.memory.incidents + (not self.memory.is_open)
        last_alert_at = self.memory.last_alert_at if np.isnan(time) else time
        self.memory = replace(
            self.memory, incidents=incident, is_open=True, last_alert_at=last_alert_at
        )
        return incident

    def resolve_before(self, number: int) -> None:
        """End the incident if enough quiet rows precede the row of this number."""
        last = self.memory.last_anomaly
        if last is None or not self.memory.is_open:
            return
        if number - last - 1 >= self._policy.resolve_after:
            self.resolved.append(self.memory.incidents)
            self.memory = replace(self.memory, is_open=False)

    def _is_cooling(self, time: float) -> bool:
        # Rows may come in late, and so be older than the last alert.
        last = self.memory.last_alert_at
        return last is not None and abs(time - last) < self._policy.cooldown_seconds
