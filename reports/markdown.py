"""Pieces of markdown, safe whatever text they are given."""

import base64
import re
import unicodedata
from collections.abc import Sequence

_LONGEST = 120

# Every character that could begin a link, an emphasis, a code span, a table cell or html. Those
# that a table or an html parser looks at before markdown does become character references.
_ESCAPES = str.maketrans(
    {character: "\\" + character for character in "\\`*_{}[]()#~!:@$^"}
    | {character: f"&#{ord(character)};" for character in "|<>&\"'"}
    # www.example.com would become a link.
    | {".": "\\."}
)
# Control, format (such as right-to-left overrides), unassigned, surrogate, line and paragraph
# separators: none of them has a place in a line of text, and some cannot be stored.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def plain(text: object, longest: int = _LONGEST) -> str:
    """Return ``text`` as one printable line, cut with an ellipsis beyond ``longest``."""
    printable = (" " if unicodedata.category(c) in _UNPRINTABLE else c for c in str(text))
    line = " ".join("".join(printable).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def escape(text: object, longest: int = _LONGEST) -> str:
    """Return ``text`` as markdown that reads as exactly that text, on one line.

    Args:
        text: column names, keys, values, messages: whatever a user wrote.
        longest: longer texts are cut with an ellipsis.
    """
    return plain(text, longest).translate(_ESCAPES)


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()
) -> str:
    """Return a table.

    Args:
        headers: markdown of the header cells.
        rows: markdown of the cells, as many in each row as there are headers.
        numeric: indices of the columns to align on the right.
    """
    rule = ["---:" if index in numeric else ":---" for index in range(len(headers))]
    lines = [headers, rule, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def bullets(items: Sequence[str]) -> str:
    """Return a list, one item a line."""
    return "\n".join(f"- {item}" for item in items)


def code_block(lines: str, language: str = "") -> str:
    """Return ``lines`` as they are, fenced beyond any fence within them."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", lines)), default=0))
    return f"{fence}{language}\n{lines}\n{fence}"


def image(png: bytes, alt: str) -> str:
    """Return a PNG as an image that needs no file beside the text."""
    return f"![{escape(alt, 300)}](data:image/png;base64,{base64.b64encode(png).decode()})"
