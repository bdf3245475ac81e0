"""Why rows are anomalous, from the detector that said so."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.parameters import Seed
from settings import get_settings
from tasks.announce_explanation import announce_explanation
from tasks.explain_rows import ExplainedRows, explain_rows
from tasks.explanation_request import MOST_ROWS, ExplanationRequest
from tasks.publish_explanation_report import publish_explanation_report
from tasks.signs_of_life import signs_of_life


@flow(flow_run_name="explain-{detection}")
def explain(
    detection: str,
    rows: Annotated[list[int] | None, Field(min_length=1, max_length=MOST_ROWS)] = None,
    keys: Annotated[list[str] | None, Field(min_length=1, max_length=MOST_ROWS)] = None,
    top: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 5,
    max_features: Annotated[int, Field(ge=1, le=1000)] = 10,
    background: Annotated[int, Field(ge=10, le=500)] = 100,
    seed: Seed = 0,
    refresh: bool = False,
) -> ExplainedRows:
    """Say why rows have their scores: what each feature contributes.

    Triggered by the form in the Prefect UI, by the API, or by ``vigil explain``. Reads the detector
    stored with the Detection, and the source only for rows that are no anomalies, or where the
    detector is not stored; writes one Explanation a row that was not explained before in
    this way, a report as the artifact ``explanation-<source>``, and the event
    ``vigil.explanation.completed``. Requires a migrated database.

    Args:
        detection: Id of a detection that succeeded, or the first digits of it.
        rows: Numbers of the rows to explain, counted from 0. They need not be anomalies.
        keys: Keys of rows to explain, besides those named by number.
        top: Explain so many of the strongest anomalies, where no rows are named.
        max_features: Features shown of each row, the largest contributions first. All are stored.
        background: Rows whose mean score contributions start from, drawn from those the detector
            was fitted on.
        seed: The same seed gives the same result.
        refresh: Explain also those rows anew that were explained before.

    Returns:
        Which rows are explained.

    Raises:
        RecordError: there is no such detection, row or key, or the detector cannot be had as it
            was; the message says what to do.
        SourceError: the source has to be read and cannot be.
        DetectorError: the detector cannot be fitted again.
        DatabaseError: the database cannot be used.
    """
    request = ExplanationRequest(
        rows=None if rows is None else tuple(rows),
        keys=None if keys is None else tuple(keys),
        top=top,
        background=background,
        seed=seed,
        refresh=refresh,
    )
    with signs_of_life():
        explaining = explain_rows.with_options(retries=get_settings().read_retries)
        explained = explaining(detection, request)
        publish_explanation_report(explained, max_features)
        announce_explanation(explained)
        return explained
