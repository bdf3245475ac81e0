"""The detectors of a comparison and the rows they flag, in tables."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from cli.home import command_line
from cli.output import make_table, print_footer, short_id
from cli.standouts import describe_standouts
from models.paging import Page
from models.tables.agreement_record import AgreementRecord
from models.tables.column_summary import ColumnSummary
from models.tables.detection import Detection
from reports.facts import EXTREME_Z
from reports.numbers import NOTHING, number, percent
from tasks.report_facts import row_facts


def detectors_table(detections: Sequence[Detection]) -> Table:
    """Return how each detector fared."""
    graded = any(one.auroc is not None for one in detections)
    failed = any(one.error_message is not None for one in detections)
    numbers = ["anomalies", "rate", "threshold", "seconds"]
    shares = ["AUROC", "AP", "precision", "recall"] if graded else []
    columns = ["detector", "status", *numbers, *shares, "detection", *(["error"] if failed else [])]
    table = make_table(*columns, right=(*numbers, *shares))
    for one in detections:
        grades = [one.auroc, one.average_precision, one.precision, one.recall] if graded else []
        cells = [
            one.label or one.algorithm,
            one.status.value,
            number(one.anomaly_count),
            NOTHING if one.anomaly_rate is None else percent(one.anomaly_rate),
            number(one.threshold),
            NOTHING if one.duration_ms is None else f"{one.duration_ms / 1000:,.1f}",
            *(share(value) for value in grades),
            short_id(one.id),
            *([one.error_message or ""] if failed else []),
        ]
        table.add_row(*cells)
    return table


def print_records(
    out: Console,
    page: Page[AgreementRecord],
    columns: Sequence[ColumnSummary],
    words: tuple[str, ...],
) -> None:
    """Print a page of flagged rows.

    Args:
        out: where to.
        page: the rows.
        columns: of their table.
        words: what ``vigil comparisons`` prints it with.
    """
    with_key = any(record.row_key is not None for record in page.items)
    with_label = any(record.label is not None for record in page.items)
    numbers = ("rank", "row", "confidence", "mean rank")
    names = [
        "rank",
        "row",
        *(["key"] if with_key else []),
        "level",
        "confidence",
        "mean rank",
        *(["known"] if with_label else []),
        "detected by",
        "what stands out (robust z)",
    ]
    table = make_table(*names, right=numbers)
    for record in page.items:
        values = row_facts(record.values, columns, {})
        extreme = {value.column: value.z for value in values if abs(value.z) > EXTREME_Z}
        cells = [
            number(record.rank),
            str(record.row_index),
            *([record.row_key or ""] if with_key else []),
            record.level,
            percent(record.confidence),
            number(record.mean_rank),
            *([_known(record.label)] if with_label else []),
            ", ".join(record.detectors),
            describe_standouts(record.values, extreme),
        ]
        table.add_row(*cells)
    out.print(table)
    print_footer(page, "row", more=command_line("comparisons", *words, "--offset"))


def share(value: float | None) -> str:
    """Return a figure from 0 to 1, such as AUROC or recall."""
    return NOTHING if value is None else f"{value:.3f}"


def _known(label: bool | None) -> str:
    return NOTHING if label is None else "yes" if label else "no"
