"""Declarations below one key of a YAML file, each with a name of its own."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from sources.errors import SourceError
from sources.yaml_lines import Entry


class Named(Protocol):
    """What is declared."""

    @property
    def name(self) -> str:
        """By which it is known."""
        ...


NamedT = TypeVar("NamedT", bound=Named)


def parse_entries(
    path: Path,
    entries: Sequence[Entry],
    parse: Callable[[Mapping[str, object]], NamedT],
    word: str,
    required: str,
) -> list[NamedT]:
    """Return what the entries declare, in their order.

    Args:
        path: of the file, for messages.
        entries: below one key.
        parse: returns what the fields of one entry declare, or raises a ``SourceError``.
        word: what one entry is: "source".
        required: the fields it cannot do without, for messages.

    Raises:
        SourceError: an entry is wrong; the message lists everything that is wrong, with the line
            of each entry.
    """
    declared: list[NamedT] = []
    problems: list[str] = []
    lines: dict[str, int] = {}
    for entry in entries:
        where = f"{path}, line {entry.line}"
        if not isinstance(entry.value, dict):
            problems.append(f"{where}: expected a {word} with {required}")
            continue
        fields = {str(name): value for name, value in entry.value.items()}
        where += f", {word} `{fields['name']}`" if "name" in fields else ""
        try:
            declaration = parse(fields)
        except SourceError as error:
            problems.append(f"{where}: {error}")
            continue
        first = lines.setdefault(declaration.name, entry.line)
        if first != entry.line:
            problems.append(f"{where}: line {first} has a {word} of this name already")
        declared.append(declaration)
    if problems:
        raise SourceError("\n".join(problems))
    return declared
