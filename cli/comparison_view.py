"""A comparison as commands show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from rich.console import Console
from rich.table import Table
from sqlmodel import Session

from cli.comparison_shapes import load_document
from cli.comparison_tables import detectors_table, print_records, share
from cli.database import database
from cli.detection_view import describe_left_out
from cli.home import command_line
from cli.output import console, make_facts, make_table, moment, print_json, short_id
from models.agreement_level import AgreementLevel
from models.paging import Page
from models.queries.comparisons import (
    get_comparison,
    list_agreement_records,
    list_comparison_results,
)
from models.queries.findings import list_column_summaries
from models.status import Status
from models.tables.agreement_record import AgreementRecord
from models.tables.column_summary import ColumnSummary
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from reports.level_words import flagged_by
from reports.numbers import NOTHING, counted, duration, number
from tasks.command_lines import threshold_option

_PAIRS = 15


@dataclass(frozen=True)
class ComparisonView:
    """A comparison, its detectors, and the rows they agree on most."""

    comparison: Comparison
    detections: list[Detection]
    columns: list[ColumnSummary]
    records: Page[AgreementRecord]

    def print(self) -> None:
        """Print it for people."""
        out = console()
        out.print(self._headline(), style="bold")
        out.print()
        out.print(make_facts(self._facts()))
        out.print()
        out.print(detectors_table(self.detections))
        if self.comparison.succeeded:
            out.print()
            out.print(self._levels_table(self.comparison.succeeded))
        if self.comparison.pairs:
            out.print()
            self._print_pairs(out)
        if self.records.total:
            out.print()
            words = ("show", short_id(self.comparison.id), "--records", str(self.records.limit))
            print_records(out, self.records, self.columns, words)
        out.print()
        out.print(make_facts(self._next_steps()))

    def _headline(self) -> str:
        found = self.comparison
        if found.error_message is not None:
            return f"{found.source_name}: {found.error_type}: {found.error_message}"
        if found.succeeded is None or found.scored_rows is None:
            return f"{found.source_name}: {found.status}"
        total = found.total_detectors
        who = f"{found.succeeded} of {total}" if found.succeeded < total else f"{total}"
        verb = "flags" if found.succeeded == 1 else "flag"
        text = (
            f"{who} detectors {verb} {found.flagged_rows or 0:,} of "
            f"{counted(found.scored_rows, 'row')} of {found.source_name}"
        )
        if found.succeeded == 1:
            return text
        return (
            f"{text}; {flagged_by('all', found.succeeded)} agree on {found.flagged_by_all or 0:,} "
            "of them"
        )

    def _facts(self) -> Iterator[tuple[str, object]]:
        comparison = self.comparison
        yield "comparison", comparison.id
        yield "status", comparison.status
        yield "threshold", f"{threshold_option(comparison.threshold_policy)}, for every detector"
        if self.columns:
            watched = sum(column.watched for column in self.columns)
            yield "columns", f"{watched} watched{describe_left_out(comparison.left_out or {})}"
        size = comparison.sample_size
        fitted = "" if size is None else f", fitted on at most {counted(size, 'row')}"
        yield "seed", f"{comparison.seed}{fitted}"
        known = [one.known_anomalies for one in self.detections if one.known_anomalies is not None]
        if known:
            yield "known labels", counted(known[0], "anomaly", "anomalies")
        took = comparison.duration_ms
        after = "" if took is None else f", took {duration(took / 1000)}"
        yield "created", f"{moment(comparison.created_at)} UTC{after}"

    def _levels_table(self, n_detectors: int) -> Table:
        found = self.comparison
        grades = found.level_grades or {}
        graded = ("precision", "recall") if grades else ()
        table = make_table("level", "flagged by", "rows", *graded, right=("rows", *graded))
        counts = {
            AgreementLevel.ALL: found.flagged_by_all,
            AgreementLevel.MAJORITY: found.flagged_by_majority,
            AgreementLevel.SOME: found.flagged_by_some,
            AgreementLevel.ONE: found.flagged_by_one,
        }
        for level, count in counts.items():
            grade = grades.get(level)
            values = (grade["precision"], grade["recall"]) if grade else ()
            words = flagged_by(level.value, n_detectors) if count else NOTHING
            table.add_row(level, words, number(count), *(share(value) for value in values))
        return table

    def _print_pairs(self, out: Console) -> None:
        pairs = sorted(self.comparison.pairs or (), key=lambda pair: -pair["spearman"])
        numbers = ("both", "either", "Jaccard", "Spearman")
        table = make_table("the most alike first", "", *numbers, right=numbers)
        for pair in pairs[:_PAIRS]:
            table.add_row(
                pair["first"],
                pair["second"],
                number(pair["both"]),
                number(pair["either"]),
                number(pair["jaccard"], 2),
                f"{pair['spearman']:.3f}",
            )
        out.print(table)
        if len(pairs) > _PAIRS:
            out.print(f"1 to {_PAIRS} of {len(pairs)} pairs; --json has all", style="dim")

    def _next_steps(self) -> Iterator[tuple[str, str]]:
        comparison_id = short_id(self.comparison.id)
        if self.records.total:
            records = ("comparisons", "records", comparison_id, "--level", "all")
            yield "the rows all agree on", command_line(*records)
            yield "every flagged row", command_line("comparisons", "records", comparison_id)
        source = self.comparison.source_name
        yield "all comparisons of it", command_line("comparisons", "list", "--source", source)


def print_comparison(comparison_id: UUID, limit: int, offset: int, *, as_json: bool) -> None:
    """Print a comparison with ``limit`` of its records from ``offset`` on."""
    with database() as session:
        comparison = get_comparison(session, comparison_id)
        if as_json:
            print_json(load_document(session, comparison, limit, offset))
            return
        detections = list_comparison_results(session, comparison)
        page = list_agreement_records(session, comparison.id, offset=offset, limit=limit)
        view = ComparisonView(comparison, detections, load_columns(session, detections), page)
    view.print()


def load_columns(session: Session, detections: Sequence[Detection]) -> list[ColumnSummary]:
    """Return the columns of the table they all scored; none if no detector succeeded."""
    succeeded = [one.id for one in detections if one.status is Status.SUCCESS]
    return list_column_summaries(session, succeeded[0]) if succeeded else []
