"""What is printed where, on terminals and on pipes."""

import io

import pytest
import typer

from cli.group import CommandError
from cli.output import confirm, console, make_table
from cli.progress import Progress


def test_text_is_printed_as_it_is(capsys):
    console().print("[bold]not markup[/] :smile: 42")
    assert capsys.readouterr().out == "[bold]not markup[/] :smile: 42\n"


def test_a_pipe_gets_lines_of_which_nothing_is_cut(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    table = make_table("path")
    table.add_row("x" * 150)
    console().print(table)
    assert "x" * 150 in capsys.readouterr().out


def test_a_narrow_terminal_folds_cells_and_loses_nothing(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    table = make_table("path", "kind")
    table.add_row("x" * 150, "csv")
    console().print(table)
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines()) <= 40
    assert out.count("x") == 150


def test_no_color_is_respected(capsys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    console().print("red", style="red")
    assert "\x1b[31m" not in capsys.readouterr().out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_no_stops_and_a_yes_goes_on(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", Terminal("n\ny\n"))
    with pytest.raises(typer.Abort):
        confirm("Remove it?", yes=False)
    confirm("Remove it?", yes=False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Remove it? [y/n] (n)" in captured.err


def test_without_a_terminal_nothing_is_lost_unless_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(CommandError, match=r"Remove it\? .* --yes"):
        confirm("Remove it?", yes=False)
    confirm("Remove it?", yes=True)


def test_progress_is_a_line_each_on_a_pipe_and_goes_to_stderr(capsys):
    with Progress() as progress:
        progress.say("reading")
        progress.put_before("wine: ")
        progress.say("fitting")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "reading\nwine: fitting\n"


def test_progress_takes_its_line_away_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress() as progress:
        progress.say("reading")
        progress.say("fitting")
    erase_line = "\x1b[2K"
    assert capsys.readouterr().err.rstrip("\n").endswith(erase_line)
