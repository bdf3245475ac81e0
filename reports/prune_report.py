"""What pruning removed, as a person reads it in the Prefect UI."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.markdown import bullets, code_block, table
from reports.numbers import counted, size


@dataclass(frozen=True)
class PrunedTable:
    """What one table lost, or would lose.

    Attributes:
        name: of the table.
        rows: how many.
        bytes: about how many, from the mean of its rows.
    """

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class PruneReport:
    """What was removed, or would be.

    Attributes:
        older_than: the age from which on.
        keep_last: detections of each source and algorithm that stay.
        fitted_older_than: the age from which on fitted detectors go; None to keep them.
        dry_run: whether nothing was removed.
        tables: those that lost any, or would.
        where_room_goes: what becomes of the room.
        command: does the same again, or for the first time.
    """

    older_than: str
    keep_last: int
    fitted_older_than: str | None
    dry_run: bool
    tables: Sequence[PrunedTable]
    where_room_goes: str
    command: str

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(one.rows for one in self.tables)

    @property
    def bytes(self) -> int:
        """Bytes in all, about."""
        return sum(one.bytes for one in self.tables)

    @property
    def text(self) -> str:
        """What it comes to, in a sentence."""
        would = "would be removed" if self.dry_run else "were removed"
        if not self.rows:
            return f"nothing {'would be' if self.dry_run else 'was'} removed"
        return f"{counted(self.rows, 'row')}, about {size(self.bytes)}, {would}"


def render_prune_report(report: PruneReport) -> str:
    """Return what was removed, or would be, as markdown."""
    kept = counted(report.keep_last, "detection")
    early = report.fitted_older_than
    facts = [
        f"Older than {report.older_than}, but the last {kept} of each source and algorithm",
        *([] if early is None else [f"Fitted detectors older than {early}"]),
        "Kept in any case: what is running or pinned, and the checkpoints of streams",
    ]
    rows = [[one.name, f"{one.rows:,}", size(one.bytes)] for one in report.tables]
    sections = [
        f"# {report.text[0].upper()}{report.text[1:]}",
        *([table(["table", "rows", "about"], rows)] if rows else []),
        bullets(facts),
        report.where_room_goes,
        "To remove it:" if report.dry_run else "The same again:",
        code_block(report.command, "shell"),
    ]
    return "\n\n".join(sections) + "\n"
