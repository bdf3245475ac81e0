"""A report as it reads."""

import re
from collections.abc import Iterator
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.token import Token


def text_of(markdown: str) -> str:
    """The report as it reads: without images and escapes, spaces all alike."""
    without_images = re.sub(r"!\[(.*?)\]\(data:[^)]*\)", r"[\1]", markdown)
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", without_images).replace("\N{NO-BREAK SPACE}", " ")


def words_of(markdown: str) -> str:
    """The report as it is said: also without bold, code and references of html."""
    return unescape(re.sub(r"\*\*|`", "", text_of(markdown)))


def sections(markdown: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", text_of(re.sub(r"```.*?```", "", markdown, flags=re.S)), re.M)


def tokens_of(markdown: str) -> list[Token]:
    return list(_walk(MarkdownIt("commonmark").enable("table").parse(markdown)))


def _walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or [])
