"""Explain what detections have just found: what goes wrong is said, and spoils no result."""

from collections.abc import Collection
from uuid import UUID

from prefect import unmapped
from prefect.futures import wait

from settings import get_settings
from tasks.announce_explanation import announce_explanation
from tasks.explain_rows import explain_rows
from tasks.explainable import explainable
from tasks.explanation_request import ExplanationRequest
from tasks.publish_explanation_error import publish_explanation_error
from tasks.publish_explanation_report import publish_explanation_report

_FEATURES = 10


def explain_strongest(detection_ids: Collection[UUID], top: int, drawn: Collection[UUID]) -> int:
    """Explain the strongest anomalies of those detections that found any.

    Args:
        detection_ids: detections that have ended.
        top: how many anomalies of each; 0 for none.
        drawn: those whose explanations get a report.

    Returns:
        How many detections could not be explained; each has a report that says why.
    """
    found = explainable(detection_ids) if top else []
    if not found:
        return 0
    explaining = explain_rows.with_options(retries=get_settings().read_retries)
    futures = explaining.map(found, unmapped(ExplanationRequest(top=top)))
    wait(futures)
    failed = 0
    for detection_id, future in zip(found, futures, strict=True):
        state = future.state
        if state.is_completed():
            explained = state.result()
            announce_explanation(explained)
            if detection_id in drawn:
                state = publish_explanation_report(explained, _FEATURES, return_state=True)
        if not state.is_completed():
            failed += 1
            publish_explanation_error(detection_id, state.message or "no message")
    return failed
