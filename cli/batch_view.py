"""A batch as commands show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from rich.console import Console
from rich.table import Table
from sqlmodel import Session

from cli.batch_follower import is_dead
from cli.batch_shapes import BatchDetailShape
from cli.detection_view import describe_detector
from cli.home import command_line
from cli.output import console, make_facts, make_table, moment, print_footer, print_json, short_id
from detectors.registry import parse_config
from models.paging import Page
from models.queries.batch_progress import BatchProgress, batch_progress
from models.queries.batches import get_batch, list_notable_results
from models.status import UNFINISHED, Status
from models.tables.batch import Batch
from models.tables.detection import Detection
from reports.numbers import NOTHING, counted, duration, number, percent
from tasks.command_lines import threshold_option


@dataclass(frozen=True)
class BatchView:
    """A batch, how far it is, and what became of some of its sources."""

    batch: Batch
    progress: BatchProgress
    results: Page[Detection]

    def print(self, *, as_json: bool) -> None:
        """Print it for people or for programs."""
        if as_json:
            print_json(BatchDetailShape.with_results(self.batch, self.progress, self.results))
            return
        out = console()
        out.print(self._headline(), style="bold")
        out.print()
        out.print(make_facts(self._facts()))
        if self.results.total:
            out.print()
            print_results(out, self.results, ("show", short_id(self.batch.id)), "--results")
        next_steps = dict(self._next_steps())
        if next_steps:
            out.print()
            out.print(make_facts(next_steps.items()))

    def _headline(self) -> str:
        batch, progress = self.batch, self.progress
        name = title(batch)
        if batch.status in UNFINISHED:
            return f"{name}: {batch.status}, {progress.text}"
        sources = f"{progress.success:,} of {counted(progress.total, 'source')} succeeded"
        if not progress.success:
            return f"{name}: {batch.status}, {sources}"
        verb = "is" if progress.total_anomalies == 1 else "are"
        return (
            f"{name}: {batch.status}, {sources}; {progress.total_anomalies:,} of "
            f"{counted(progress.total_rows, 'row')} {verb} anomalous according to "
            f"{parse_config(batch.algorithm).display_name}"
        )

    def _facts(self) -> Iterator[tuple[str, object]]:
        batch, progress = self.batch, self.progress
        yield "batch", batch.id
        if batch.error_message is not None:
            yield "ended by", f"{batch.error_type}: {batch.error_message}"
        yield "detector", describe_detector(batch)
        yield "threshold", threshold_option(batch.threshold_policy)
        yield "sources", _counts(progress)
        if progress.weighted_rate is not None and progress.unweighted_rate is not None:
            yield (
                "average rate",
                f"{percent(progress.weighted_rate)} of all rows (weighted), "
                f"{percent(progress.unweighted_rate)} with each source counting once (unweighted)",
            )
        limit = batch.source_timeout_seconds
        longest = "" if limit is None else f", each for {duration(limit)} at most"
        yield "workers", f"{counted(batch.max_workers, 'source')} at once{longest}"
        took = batch.duration_ms
        after = "" if took is None else f", took {duration(took / 1000)}"
        yield "created", f"{moment(batch.created_at)} UTC{after}"
        if batch.status in UNFINISHED:
            dead = ", nobody works on it any more" if is_dead(batch) else ""
            yield "last sign", f"{moment(batch.heartbeat_at or batch.created_at)} UTC{dead}"
            if batch.cancel_requested_at is not None:
                yield "cancelled", f"asked for at {moment(batch.cancel_requested_at)} UTC"

    def _next_steps(self) -> Iterator[tuple[str, str]]:
        batch_id = short_id(self.batch.id)
        if is_dead(self.batch):
            yield "end it, with the reason", command_line("batches", "repair")
        elif self.batch.status in UNFINISHED:
            yield "follow it", command_line("batches", "show", batch_id, "--watch")
            yield "cancel it", command_line("batches", "cancel", batch_id)
            return
        if self.progress.success < self.progress.total:
            yield "run what is missing", command_line("batch", "--resume", batch_id)
        found = [one for one in self.results.items if one.anomaly_count]
        if found:
            show = command_line("detections", "show", short_id(found[0].id))
            yield f"what was found in {found[0].source_name}", show
        yield "every source", command_line("batches", "results", batch_id)


def load_batch_view(session: Session, batch_id: UUID, limit: int, offset: int = 0) -> BatchView:
    """Return a batch with ``limit`` of its results from ``offset`` on, the notable ones first."""
    return BatchView(
        get_batch(session, batch_id),
        batch_progress(session, batch_id),
        list_notable_results(session, batch_id, offset=offset, limit=limit),
    )


def title(batch: Batch) -> str:
    """Return what a person calls a batch."""
    return batch.name or f"batch {short_id(batch.id)}"


def print_results(
    out: Console, page: Page[Detection], words: tuple[str, ...], limit_option: str
) -> None:
    """Print a page of what became of sources.

    Args:
        out: where to.
        page: their detections.
        words: what ``vigil batches`` prints it with.
        limit_option: which of its options gives the size of a page.
    """
    out.print(_results_table(page.items))
    more = command_line("batches", *words, limit_option, str(page.limit), "--offset")
    print_footer(page, "source", more=more)


def _results_table(detections: list[Detection]) -> Table:
    failed = any(detection.error_message for detection in detections)
    numbers = ("rows", "anomalies", "rate", "seconds")
    columns = ["source", "status", *numbers, "detection", *(["error"] if failed else [])]
    table = make_table(*columns, right=numbers)
    for one in detections:
        cells = [
            one.source_name,
            one.status.value,
            number(one.total_rows),
            number(one.anomaly_count),
            NOTHING if one.anomaly_rate is None else percent(one.anomaly_rate),
            NOTHING if one.duration_ms is None else f"{one.duration_ms / 1000:,.1f}",
            short_id(one.id),
            *([one.error_message or ""] if failed else []),
        ]
        table.add_row(*cells)
    return table


def _counts(progress: BatchProgress) -> str:
    counts = {
        Status.SUCCESS: progress.success,
        Status.ERROR: progress.error,
        Status.CANCELLED: progress.cancelled,
        Status.RUNNING: progress.running,
        Status.PENDING: progress.pending,
    }
    return ", ".join(f"{count:,} {status}" for status, count in counts.items() if count) or "none"
