"""Pieces of markdown, safe whatever text they are given."""

import base64
import re
from collections.abc import Sequence
from urllib.parse import quote

_LONGEST = 80

# Whatever could begin a link, an emphasis, a code span or a table cell gets a backslash, and so do
# ":", "." and "@", which make links of bare addresses. For html there are only these references:
# one of Prefect's two user interfaces shows numeric ones as they are.
_ESCAPES = str.maketrans(
    {character: "\\" + character for character in "\\`*_[]#~|:.@"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
)


def plain(text: object, longest: int = _LONGEST) -> str:
    """Return ``text`` as one line, cut with an ellipsis beyond ``longest``.

    Control and format characters (a right-to-left override, say) and lone surrogates become
    spaces: they have no place in a line, and some cannot even be stored.
    """
    printable = (c if c.isprintable() else " " for c in str(text))
    line = " ".join("".join(printable).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def escape(text: object, longest: int = _LONGEST) -> str:
    """Return ``text`` as markdown that reads as exactly that text, on one line.

    Not for the beginning of a line, where "1)" or "-" would make it a list.

    Args:
        text: column names, keys, values, messages: whatever a user wrote.
        longest: longer texts are cut with an ellipsis.
    """
    return plain(text, longest).translate(_ESCAPES)


def bold(text: object, longest: int = _LONGEST) -> str:
    """Return ``text`` in bold."""
    return f"**{escape(text, longest) or '(no name)'}**"


def code_span(text: object, longest: int = _LONGEST) -> str:
    """Return ``text`` as inline code; not for tables, where a bar would end the cell."""
    line = plain(text, longest)
    fence = _fence_around(line, 1)
    return f"{fence} {line} {fence}" if "`" in line or not line else f"{fence}{line}{fence}"


def code_block(lines: str, language: str = "") -> str:
    """Return ``lines`` as a block of code."""
    fence = _fence_around(lines, 3)
    return f"{fence}{language}\n{lines}\n{fence}"


def link(text: str, target: str) -> str:
    """Return a link.

    Args:
        text: what it says, plain words: one of Prefect's two user interfaces shows markdown in
            it as it is.
        target: where it leads: an http address, or a path on the server that shows the text,
            absolute or beginning with "../".

    Raises:
        ValueError: the target is neither; a script, for one, is no place to go to.
    """
    if not target.startswith(("/", "../", "http://", "https://")):
        raise ValueError(f"expected a path or an http address to link to, got {target!r}")
    return f"[{text}]({quote(target, safe='/:?&=#%+,;@~')})"


def glue(text: str) -> str:
    """Return ``text`` with spaces at which no line is broken."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are markdown, as many in each row as there are headers."""
    lines = [headers, [":---"] * len(headers), *rows]
    return "\n".join(map(table_row, lines))


def table_row(cells: Sequence[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"


def bullets(items: Sequence[str]) -> str:
    """Return a list of items that are markdown."""
    return "\n".join(f"- {item}" for item in items)


def image(png: bytes, alt: str) -> str:
    """Return a PNG as an image that needs no file beside the text."""
    return f"![{escape(alt, 300)}](data:image/png;base64,{base64.b64encode(png).decode()})"


def _fence_around(text: str, shortest: int) -> str:
    longest_inside = max(map(len, re.findall("`+", text)), default=0)
    return "`" * max(shortest, longest_inside + 1)
