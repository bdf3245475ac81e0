import base64
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reports.markdown import (
    bold,
    bullets,
    code_block,
    code_span,
    escape,
    image,
    link,
    plain,
    table,
)

HOSTILE = (
    "[x](javascript:alert(1))",
    "![x](http://example.com/x.png)",
    "a|b",
    "a\\|b",
    "ends in a backslash\\",
    "`code`",
    "``",
    "line\nbreak\r\nand\x85more\u2028still",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp; &#42;",
    "*a* **b** _c_ ~~d~~",
    "# head #",
    "[ref]: http://example.com",
    "--- | ---",
    "\u202eright to left",
    "\x00",
    "",
    " ",
)
texts = st.one_of(
    st.text(),
    st.text(alphabet="\\`*_{}[]()<>#+-.!|~&;:@\"'$^ \n\tax1"),
    st.sampled_from(HOSTILE),
)


def parse(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


def inlines(markdown: str) -> list[Token]:
    return [token for token in parse(markdown) if token.type == "inline"]


def text_of(inline: Token) -> str:
    """The text of a piece of markdown that is text only."""
    children = inline.children or []
    assert {child.type for child in children} <= {"text"}
    return "".join(child.content for child in children)


@given(st.lists(texts, min_size=1, max_size=4))
def test_cells_of_a_table_read_as_the_text_they_were_given(cells):
    rendered = table([escape(cell) for cell in cells], [[escape(cell) for cell in cells]])
    tokens = parse(rendered)
    assert [t.type for t in tokens].count("th_open") == len(cells)
    assert [t.type for t in tokens].count("td_open") == len(cells)
    assert [text_of(cell) for cell in inlines(rendered)] == [plain(cell) for cell in cells] * 2


@given(texts)
def test_text_in_a_sentence_reads_as_it_was_given(text):
    (sentence,) = inlines(f"The column x{escape(text)}x is odd.")
    assert text_of(sentence) == f"The column x{plain(text)}x is odd."


@given(st.lists(texts, min_size=1, max_size=4))
def test_names_in_bold_read_as_they_were_given(names):
    items = inlines(bullets([f"{bold(name)}: odd" for name in names]))
    assert len(items) == len(names)
    for item, name in zip(items, names, strict=True):
        children = [child for child in item.children or [] if child.content or child.nesting]
        assert [child.type for child in children[:1]] == ["strong_open"]
        assert {child.type for child in children} == {"strong_open", "strong_close", "text"}
        text = "".join(child.content for child in children)
        assert text == f"{plain(name) or '(no name)'}: odd"


@given(texts)
def test_inline_code_reads_as_it_was_given(text):
    (inline,) = inlines(f"x {code_span(text)} x")
    (code,) = [child for child in inline.children or [] if child.type == "code_inline"]
    assert code.content.strip() == plain(text)


@given(texts)
@example("```\n````")
def test_a_block_of_code_holds_its_lines_and_ends(text):
    lines = "\n".join(plain(line) for line in text.split("\n"))
    block, after = [t for t in parse(code_block(lines) + "\n\nafter") if t.content]
    assert block.type == "fence"
    assert block.content == lines + "\n"
    assert after.content == "after"


@given(texts)
def test_no_text_becomes_html(text):
    assert not {"<", ">", '"'} & set(escape(text))


@given(texts)
def test_plain_text_is_one_printable_line_that_can_be_stored(text):
    line = plain(text)
    assert len(line) <= 80
    assert line.isprintable()
    line.encode()


def test_a_lone_surrogate_is_left_out():
    assert plain("a\ud800b") == "a b"


def test_long_text_is_cut_with_an_ellipsis():
    assert plain("x" * 100, longest=10) == "xxxxxxxxx…"


def test_a_bar_of_text_adds_no_cell():
    assert table(["a"], [[escape("1|2")]]) == "| a |\n| :--- |\n| 1\\|2 |"


@pytest.mark.parametrize("alt", HOSTILE)
def test_an_image_carries_its_bytes(alt):
    (inline,) = inlines(image(b"\x89PNG...", alt))
    (drawn,) = inline.children or []
    kind, _, data = str(drawn.attrs["src"]).partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == b"\x89PNG..."


@pytest.mark.parametrize("place", ["/a b(c)|d", "../artifact/1", "http://x.example/?q=1&r=<2>"])
def test_a_link_leads_to_one_place_even_in_a_table(place):
    links = [
        child
        for inline in inlines(table(["a"], [[link("report", place)]]))
        for child in inline.children or []
        if child.type == "link_open"
    ]
    assert [unquote(str(one.attrs["href"])) for one in links] == [place]


@pytest.mark.parametrize("place", ["javascript:alert(1)", "data:text/html,x", "orders", ""])
def test_a_link_to_what_is_no_place_is_refused(place):
    with pytest.raises(ValueError, match="expected a path or an http address"):
        link("report", place)
