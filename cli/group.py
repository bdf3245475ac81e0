"""How the command ends when it cannot do what was asked."""

from typing import Any

import typer
from typer.core import TyperGroup

from cli.visible import visible

EXIT_PARTIAL = 3  # a part of what was asked for could not be done
EXIT_INTERRUPTED = 130  # as shells have it after Ctrl-C


class CommandError(Exception):
    """The command cannot do what was asked; the message says why and what to do."""


class VigilGroup(TyperGroup):
    """A group that prints an expected error as one line and ends with 1; a bug keeps its trace."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except expected_errors() as error:  # imported only when something is raised
            typer.echo(visible(f"vigil: {error}"), err=True)
            raise typer.Exit(1) from error


def expected_errors() -> tuple[type[Exception], ...]:
    """Return what a command may end with, apart from bugs."""
    from detectors.errors import DetectorError
    from models.errors import ModelsError
    from sources.errors import SourceError

    return CommandError, DetectorError, ModelsError, SourceError
