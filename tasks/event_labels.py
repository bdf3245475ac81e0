"""What automations choose events by: Prefect compares labels, and looks into no payload."""


def rate_label(rate: float | None) -> dict[str, str]:
    """Return the label of an anomaly rate, none without one.

    Labels are compared as text, with a star for any ending, hence the same number of decimals:
    ``0.05*`` stands for all rates from 5 to 6 %.
    """
    return {} if rate is None else {"vigil.anomaly.rate": f"{rate:.4f}"}


def related_source(name: str) -> dict[str, str]:
    """Return the source that an event is about, by which automations of one source choose it."""
    return {
        "prefect.resource.id": f"vigil.source.{name}",
        "prefect.resource.role": "source",
    }
