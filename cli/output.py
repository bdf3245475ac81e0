"""What commands print: results on stdout, everything else on stderr."""

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.prompt import Confirm
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from cli.group import CommandError
from cli.visible import json_visible, visible, visible_cell
from reports.numbers import NOTHING, counted

if TYPE_CHECKING:
    from uuid import UUID

    from pydantic import BaseModel

    from models.paging import Page

_PIPE_WIDTH = 200


class _VisibleConsole(Console):
    """Prints text that came from data as text: nothing in it controls the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Make every character visible before anything is measured, so that tables stay aligned."""
        return super().render_str(visible(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """Make visible what did not pass by ``render_str``."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def styled(text: str, style: str = "") -> Text:
    """Return ``text`` in a style, with every character visible."""
    return Text(visible(text), style)


def print_plain(text: str, *, err: bool = False) -> None:
    """Print text, as long as its lines may be, with every character visible."""
    typer.echo(visible(text), err=err)


class _CellTable(Table):
    """A table whose texts stay in their cells: a line feed in one begins no other line."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """Add a row of texts, or of anything else that can be drawn."""
        super().add_row(
            *(visible_cell(cell) if isinstance(cell, str) else cell for cell in cells), **options
        )


def console(*, stderr: bool = False) -> Console:
    """Return a console that prints text as it is: no markup, no highlighting.

    A pipe gets wide lines, so that nothing is cut before ``grep`` sees it.
    """
    made = _VisibleConsole(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _PIPE_WIDTH
    return made


def print_json(document: "BaseModel", indent: int | None = 2) -> None:
    """Print one JSON document on stdout; what is not drawn is escaped, as JSON has it."""
    typer.echo(json_visible(document.model_dump_json(indent=indent)))


def make_table(*left: str, right: Iterable[str] = ()) -> Table:
    """Return a plain table; the columns also named in ``right`` hold numbers."""
    table = _CellTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    numbers = set(right)
    for name in left:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    return table


def make_facts(facts: Iterable[tuple[str, object]]) -> Table:
    """Return labels with their values, one a line."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in facts:
        grid.add_row(label, value if isinstance(value, Text) else str(value))
    return grid


def moment(at: datetime | None) -> str:
    """Return a time in UTC, to the second: 2025-11-23 07:12:03."""
    return NOTHING if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def short_id(identity: "UUID") -> str:
    """Return the first digits of an id, which commands take in its place."""
    return identity.hex[:8]


def print_footer(
    page: "Page[Any]", one: str, many: str | None = None, more: str = "--offset"
) -> None:
    """Say how many there are, and how to see those that the page does not show.

    Args:
        page: what was shown.
        one: the word for one of them.
        many: the word for several, if not with an s.
        more: what shows the next ones, up to the offset.
    """
    first, last = page.offset + 1, page.offset + len(page.items)
    total = counted(page.total, one, many)
    if not page.items:
        text = f"none from {first:,} on; {total} in all"
    elif len(page.items) == page.total:
        text = total
    else:
        text = f"{first:,} to {last:,} of {total}"
    if page.items and last < page.total:
        text += f"; more with {more} {last}"
    console().print(text, style="dim", soft_wrap=True)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is lost, unless ``yes``.

    Raises:
        CommandError: there is nobody to ask.
        Abort: the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{question} There is no terminal to answer on: pass --yes to say so")
    # Not typer's, which writes a space to stdout.
    if not Confirm.ask(styled(question), console=console(stderr=True), default=False):
        raise typer.Abort
