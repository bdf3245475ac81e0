"""Write docs/reference.md, settings and commands as the code has them: ``make reference``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from cli.main import app
from settings import Settings

PAGE = Path(__file__).with_name("reference.md")

_BEGINNING = """\
# Reference

All settings and all commands, as the code has them: `make reference` writes this page. What the
commands do and print is told in [cli.md](cli.md).
"""
_SETTINGS = """\
## Settings

Environment variables, read once by each process. A value that is not allowed is an error that names
the variable.

| variable | value | default | |
|---|---|---|---|"""
_COMMANDS = """\
## Commands

Each also has `--help`. A bracket after the text holds the default and the bounds."""

_WORDS = {"integer": "whole number", "number": "number", "boolean": "true or false"}


def reference() -> str:
    """Return the text of the page."""
    fields = Settings.model_json_schema()["properties"]
    settings = [_setting(name, schema) for name, schema in fields.items()]
    return "\n".join([_BEGINNING, _SETTINGS, *settings, "", _COMMANDS, *_commands(), ""])


def _setting(name: str, schema: dict[str, Any]) -> str:
    cells = (
        f"`VIGIL_{name.upper()}`",
        _value(next(iter(schema.get("anyOf", ())), schema)),
        _default(schema["default"]),
        schema["description"],
    )
    return f"| {' | '.join(cells)} |"


def _value(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    if schema["type"] == "array":
        return "JSON list"
    word = {"path": "folder", "password": "secret"}.get(schema.get("format", ""), "text")
    return _WORDS.get(schema["type"], word) + _bounds(schema)


def _bounds(schema: dict[str, Any]) -> str:
    words = {
        "minLength": "at least {} characters",
        "minimum": "at least {}",
        "exclusiveMinimum": "above {}",
        "maximum": "at most {}",
    }
    told = [text.format(schema[bound]) for bound, text in words.items() if bound in schema]
    return "".join(f", {one}" for one in told)


def _default(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{str(value).replace(str(Path.home()), '~')}`"


def _commands() -> Iterator[str]:
    root = typer.main.get_command(app)
    yield from _command("vigil", root)
    yield from _group("vigil", root)


def _group(called: str, group: Any) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _group(f"{called} {name}", command)
        else:
            yield from _command(f"{called} {name}", command)


def _command(called: str, command: Any) -> Iterator[str]:
    yield f"\n### `{called}`\n\n{command.get_short_help_str(limit=1000)}"
    if command.params:
        yield "\n| | |\n|---|---|"
    with command.make_context(called, [], resilient_parsing=True) as context:
        for parameter in command.params:
            names, meaning = parameter.get_help_record(context)
            yield f"| `{_cell(names)}` | {_cell(meaning)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(reference(), "utf-8")
