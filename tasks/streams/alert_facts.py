"""Alerts as reports take them."""

from models.tables.alert import Alert, AlertRow
from reports.stream_facts import AlertedValue, AlertFacts, AlertStand


def alert_facts(alert: Alert | AlertRow, state: AlertStand | None = None) -> AlertFacts:
    """Return what a report says of an alert.

    Args:
        alert: raised, or only found.
        state: what has become of it; None where it was not raised in earnest.
    """
    return AlertFacts(
        row=alert.sequence,
        time=alert.timestamp,
        key=alert.row_key,
        score=alert.score,
        incident=alert.incident,
        values=tuple(
            AlertedValue(name, one["value"], one["low"], one["high"], one["driving"])
            for name, one in alert.columns.items()
        ),
        state=state,
        kind=alert.kind.value,
        column=alert.column,
        first_row=alert.first_row,
    )
