"""A detection as commands show it."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from sqlmodel import Session

from cli.home import command_line
from cli.output import console, make_facts, make_table, moment, print_footer, print_json, short_id
from cli.shapes import AnomalyShape, ColumnShape, DetectionDetailShape, DetectionShape
from cli.standouts import describe_standouts
from detectors.registry import parse_config
from models.paging import Page
from models.queries.findings import list_anomalies, list_column_summaries
from models.status import Status
from models.tables.anomaly import Anomaly
from models.tables.batch import Batch
from models.tables.column_summary import ColumnSummary
from models.tables.detection import Detection
from reports.numbers import counted, duration, number, percent
from reports.sentences import clean_rows_as_high
from tasks.command_lines import changed_settings, threshold_option

_LEFT_OUT = 5


@dataclass(frozen=True)
class DetectionView:
    """A detection, some of its anomalies, and what its columns held."""

    detection: Detection
    anomalies: Page[Anomaly]
    columns: list[ColumnSummary]

    def print(self, *, as_json: bool) -> None:
        """Print it for people or for programs."""
        if as_json:
            print_json(self._shape())
            return
        out = console()
        out.print(_headline(self.detection), style="bold")
        out.print()
        out.print(make_facts(self._facts()))
        if self.anomalies.total:
            out.print()
            self._print_anomalies(out)

    def _facts(self) -> Iterator[tuple[str, object]]:
        detection = self.detection
        yield "detection", detection.id
        yield "detector", describe_detector(detection)
        if detection.status is Status.SUCCESS:
            option = threshold_option(detection.threshold_policy)
            yield "threshold", f"{number(detection.threshold)} ({option})"
            watched = sum(column.watched for column in self.columns)
            yield "columns", f"{watched} watched{describe_left_out(detection.left_out or {})}"
        for notice in detection.notices or ():
            yield "notice", notice
        if detection.auroc is not None:
            yield (
                "known labels",
                f"AUROC {detection.auroc:.3f}, AP {number(detection.average_precision, 3)}, "
                f"{detection.found_anomalies} of {detection.known_anomalies} found",
            )
        if detection.pinned:
            yield "pinned", "kept whatever its age"
        took = detection.duration_ms
        after = "" if took is None else f", took {duration(took / 1000)}"
        yield "created", f"{moment(detection.created_at)} UTC{after}"

    def _print_anomalies(self, out: Console) -> None:
        page = self.anomalies
        with_key = any(anomaly.row_key is not None for anomaly in page.items)
        with_label = any(anomaly.label is not None for anomaly in page.items)
        names = [
            "rank",
            "row",
            *(["key"] if with_key else []),
            "score",
            "clean rows as high",
            *(["known"] if with_label else []),
            "what stands out (robust z)",
        ]
        table = make_table(*names, right=("rank", "row", "score"))
        for anomaly in page.items:
            cells = [
                number(anomaly.rank),
                str(anomaly.row_index),
                *([anomaly.row_key or ""] if with_key else []),
                number(anomaly.score),
                clean_rows_as_high(anomaly.p_value, self.detection.clean_rows),
                *(["yes" if anomaly.label else "no"] if with_label else []),
                describe_standouts(anomaly.values, anomaly.standouts),
            ]
            table.add_row(*cells)
        out.print(table)
        words = ("show", short_id(self.detection.id), "--anomalies", str(page.limit), "--offset")
        print_footer(page, "anomaly", "anomalies", command_line("detections", *words))

    def _shape(self) -> DetectionDetailShape:
        columns = [ColumnShape.model_validate(column) for column in self.columns]
        return DetectionDetailShape(
            **DetectionShape.model_validate(self.detection).model_dump(),
            clean_rows=self.detection.clean_rows,
            score_quantiles=self.detection.score_quantiles,
            columns_analyzed=[column.column for column in columns if column.watched],
            column_summaries=columns,
            anomalies=[AnomalyShape.model_validate(anomaly) for anomaly in self.anomalies.items],
            anomalies_offset=self.anomalies.offset,
            anomalies_limit=self.anomalies.limit,
        )


def load_view(session: Session, detection: Detection, limit: int, offset: int) -> DetectionView:
    """Return ``detection`` with ``limit`` of its anomalies from ``offset`` on."""
    return DetectionView(
        detection,
        list_anomalies(session, detection.id, offset=offset, limit=limit),
        list_column_summaries(session, detection.id),
    )


def _headline(detection: Detection) -> str:
    if detection.status is Status.ERROR:
        return f"{detection.source_name}: {detection.error_type}: {detection.error_message}"
    if detection.anomaly_count is None or detection.scored_rows is None:
        return f"{detection.source_name}: {detection.status}"
    verb = "is" if detection.anomaly_count == 1 else "are"
    return (
        f"{detection.anomaly_count:,} of {counted(detection.scored_rows, 'row')} "
        f"({percent(detection.anomaly_rate or 0)}) of {detection.source_name} {verb} anomalous "
        f"according to {parse_config(detection.algorithm).display_name}"
    )


def describe_detector(run: Detection | Batch) -> str:
    """Return a run's algorithm with what was chosen for it: knn: n_neighbors=5, seed 0."""
    chosen = [*changed_settings(run.detector), f"seed {run.seed}"]
    if run.sample_size is not None:
        chosen.append(f"fitted on at most {counted(run.sample_size, 'row')}")
    return f"{run.algorithm}: {', '.join(chosen)}"


def describe_left_out(reasons: dict[str, str]) -> str:
    """Say which columns were left out and why, to be put after those that were not."""
    if not reasons:
        return ""
    shown = [f"{column} ({why})" for column, why in list(reasons.items())[:_LEFT_OUT]]
    more = [f"{len(reasons) - _LEFT_OUT} more"] if len(reasons) > _LEFT_OUT else []
    return f", {len(reasons)} left out: {', '.join(shown + more)}"
