"""Nothing in the data controls the terminal, whichever command prints it."""

import json
import logging
import unicodedata

import pytest
from rich.table import Table

from cli.output import console, make_facts, make_table, styled
from cli.prefect_session import _make_visible
from cli.progress import Progress
from cli.visible import json_visible, visible, visible_cell

HOSTILE = {
    "a colour": "\x1b[31mred",
    "a title": "\x1b]0;owned\x07",
    "an eight-bit sequence": "\x9b2J",
    "a bell": "\x07",
    "a carriage return": "paid\rfree",
    "a backspace": "a\x08b",
    "a delete": "\x7f",
    "an override": "\u202egnp.exe",
    "an isolate": "\u2066x\u2069",
    "no width": "a\u200bb\ufeff",
    "a line separator": "a\u2028b\u2029c",
    "a lone surrogate": "cut off \ud83d",
    "a tag": "\U000e0041",
}
ALLOWED = {"\n"}


def controls(text: str) -> set[str]:
    unseen = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {one for one in text if unicodedata.category(one) in unseen} - ALLOWED


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_way_to_print_makes_control_characters_visible(text, capsys):
    table = make_table(text)
    table.add_row(text)
    table.add_row(styled(text, "bold"))
    plain = Table(title=text)
    plain.add_column(text)
    plain.add_row(text)
    for what in (text, styled(text), table, plain, make_facts([(text, text)])):
        console().print(what)
        console(stderr=True).print(what, soft_wrap=True)
    progress = Progress()
    progress.say(text)
    progress.note(text)
    progress.measure(1, 1, text)
    captured = capsys.readouterr()
    assert controls(captured.out + captured.err) == set()
    assert visible(text) in captured.out
    assert visible(text) in captured.err


def test_what_is_drawn_stays_as_it_is():
    text = "Zürich 東京 \u20ac \U0001f600 e\u0301 a\\b\tc\nd"
    assert visible(text) == text
    assert visible("\x1b\x9b\u202e\U000e0041") == r"\x1b\x9b\u202e\U000e0041"
    assert visible_cell("a\nb\tc") == r"a\nb\tc"


def test_a_table_stays_aligned(capsys):
    table = make_table("name", "rows")
    for name in ("\x1b[31mred\x1b[0m", "plain", "two\nlines", "\u202eover"):
        table.add_row(name, "7")
    console().print(table)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert {line.rindex("7") for line in lines[1:]} == {lines[0].index("rows")}


def test_json_keeps_its_content(capsys):
    text = "".join(HOSTILE.values()).replace("\ud83d", "")
    document = json.dumps({"key": text}, ensure_ascii=False)
    assert json.loads(json_visible(document)) == {"key": text}
    assert controls(json_visible(document)) == set()


@pytest.mark.usefixtures("prefect_server")
def test_every_command_shows_hostile_data_as_text(vigil, tmp_path):
    name = "am\x1b[31mount\u202e"
    lines = [f"id,{name}"]
    lines += [f"k\x1b]0;owned\x07{n}\x9b2J,{n % 7}" for n in range(300)]
    lines[150] = "evil\x1b[2J\u2066key,9999"
    path = tmp_path / "hostile.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    added = vigil(
        "sources", "add", "hostile", "--kind", "csv", "--set", f"path={path}", "-k", "id",
        "--description", "nice\x1b[8m and \u202e hidden",
    )  # fmt: skip
    assert added.code == 0, added.err
    commands = [
        ("sources", "list"),
        ("sources", "show", "hostile"),
        ("sources", "check", "hostile"),
        ("detect", "hostile"),
        ("detections", "list"),
        ("detections", "latest", "hostile"),
        ("compare", "hostile", "-a", "isolation_forest", "-a", "statistical"),
        ("comparisons", "list"),
        ("batch", "hostile"),
        ("batches", "list"),
        ("streams", "create", "feed", "--source", "hostile"),
        ("streams", "list"),
        ("streams", "show", "feed"),
        ("backtest", "hostile"),
        ("sources", "show", "no\x1b[31msuch"),
        ("detect", "hostile", "--column", "no\x1b[31msuch"),
        ("algorithms", "val\x1b[31m"),
    ]
    shown = ""
    for command in commands:
        for words in (command, (*command, "--json")):
            outcome = vigil(*words)
            assert controls(outcome.out) == set(), words
            assert controls(outcome.err) == set(), words
            shown += outcome.out
    assert r"evil\x1b[2J\u2066key" in shown
    assert r"nice\x1b[8m and \u202e hidden" in shown


def test_the_log_of_a_run_shows_hostile_data_as_text():
    logger = logging.getLogger("prefect.task_runs.hostile")
    record = logger.makeRecord(
        logger.name, logging.WARNING, __file__, 1, "no row %s", ("\x1b[31mred",), None
    )
    assert _make_visible(record)
    assert record.getMessage() == r"no row \x1b[31mred"
