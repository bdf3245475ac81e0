"""What a source holds does not control the terminal that it is shown on."""

import json
import unicodedata

import pytest

from cli.output import console, make_facts, make_table
from cli.progress import Progress
from cli.visible import visible

CONTROLS = [chr(code) for code in range(0x20) if chr(code) not in "\n\t"]
CONTROLS += [chr(code) for code in range(0x7F, 0xA0)]
CONTROLS += [*"\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\U000e0041"]
ATTACK = "a\x1b[31mred\x1b]0;owned\x07\x9b2J\r\u202eb"


def is_harmless(text: str) -> bool:
    kinds = {unicodedata.category(character) for character in text.replace("\n", "")}
    return not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize("character", CONTROLS, ids=ascii)
def test_a_control_character_is_shown_in_the_notation_of_python(character):
    assert visible(f"a{character}b") == f"a{ascii(character)[1:-1]}b".replace("\\r", "\\x0d")


@pytest.mark.parametrize(
    "text", ["Zürich · 東京 🙂", "two\nlines", "a\ttab", "no\u00a0break", "\ue000"]
)
def test_text_that_controls_nothing_is_shown_as_it_is(text):
    assert visible(text) == text


def test_a_lone_surrogate_can_be_printed(capsys):
    console().print("cut off \ud83d")
    assert capsys.readouterr().out == "cut off \\ud83d\n"


def test_tables_and_lists_of_facts_keep_their_columns(capsys):
    table = make_table("name", "kind")
    table.add_row(ATTACK, "csv")
    table.add_row("plain", "csv")
    console().print(table)
    lines = capsys.readouterr().out.splitlines()
    assert len({line.rindex("csv") for line in lines[1:]}) == 1
    console().print(make_facts([(ATTACK, ATTACK)]))
    assert is_harmless(capsys.readouterr().out + "".join(lines))


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_shows_what_it_is_told(capsys, monkeypatch, terminal):
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress() as progress:
        progress.say(ATTACK)
        progress.measure(1, 1, ATTACK)
        progress.note(ATTACK)
    shown = capsys.readouterr().err
    assert "\x1b[31mred" not in shown
    assert "\x1b]0;" not in shown
    assert "\\x1b[31mred" in shown


@pytest.fixture
def hostile(vigil, tmp_path):
    """A source whose every text is an attack: keys, names, values, description."""
    rows = [f"key {ATTACK}{row},{row % 7},{400 if row == 50 else row % 5},{ATTACK}"
            for row in range(120)]  # fmt: skip
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([f"id,plain,amount{ATTACK},text", *rows, ""]), newline="")
    definition = {
        "sources": [
            {"name": "rows", "kind": "csv", "path": str(path), "key_columns": ["id"],
             "description": ATTACK, "tags": ["shop"]}
        ]
    }  # fmt: skip
    file = tmp_path / "sources.yaml"
    file.write_text(json.dumps(definition))
    assert vigil("sources", "apply", str(file)).code == 0
    return path


def test_no_command_prints_the_control_characters_of_a_source(vigil, hostile):
    commands = [
        ["sources", "check", "rows"],
        ["sources", "show", "rows"],
        ["sources", "list"],
        ["detect", "rows", "--explain", "1", "--verbose"],
        ["detect", "rows", "--column", "text"],
        ["detections", "latest", "rows"],
        ["detections", "list", "--source", "rows"],
        ["compare", "rows", "-a", "hbos", "-a", "statistical"],
        ["comparisons", "list"],
        ["backtest", "rows"],
        ["streams", "create", "live", "--source", "rows"],
        ["streams", "show", "live"],
        ["explanations", "show", "00000000"],
        ["sources", "check", ATTACK],
        ["detect", ATTACK],
    ]
    shown = []
    for command in commands:
        outcome = vigil(*command)
        assert is_harmless(outcome.out), command
        assert is_harmless(outcome.err), command
        shown.append(outcome.out)
    assert "\\x1b[31mred" in "".join(shown)
