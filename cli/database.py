"""The way from a command to Vigil's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.group import CommandError

if TYPE_CHECKING:
    from sqlmodel import Session

    from settings import Settings


def load_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        CommandError: a variable holds what it cannot; the message names it.
    """
    from pydantic import ValidationError

    from settings import get_settings

    try:
        return get_settings()
    except ValidationError as error:
        problems = [
            f"VIGIL_{str(detail['loc'][0]).upper()}: {detail['msg'].lower()}"
            for detail in error.errors(include_input=False)
        ]
    raise CommandError(f"{'; '.join(problems)}: correct or unset this environment variable")


@contextmanager
def database(*, writes: bool = False) -> Iterator[Session]:
    """Give a session on the database in the settings, its version checked.

    Args:
        writes: whether anything is to be changed.

    Raises:
        CommandError: a setting is wrong.
        DatabaseError: the database cannot be used, or is of another version.
    """
    load_settings()
    from models.session import session_scope
    from tasks.database import open_engine

    with session_scope(open_engine(), writes=writes) as session:
        yield session
