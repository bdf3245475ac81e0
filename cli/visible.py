"""Text of which every character is seen: what data holds must not control the terminal."""

import json
import re
import unicodedata

# Categories of characters that are not drawn: controls, formats such as overrides of the direction
# and zero-width ones, lone surrogates, separators of lines and paragraphs.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_SUSPECT = re.compile(r"[^\x20-\x7e\n\t]")


def visible(text: str) -> str:
    r"""Return ``text`` with each character that is not drawn as its escape: ``\x1b``, ``\u202e``.

    Line feeds and tabs stay: they lay out our own texts, and do no more than that.
    """
    return _SUSPECT.sub(_escape, text)


def visible_cell(text: str) -> str:
    """Return ``text`` as one line: as ``visible``, and line feeds and tabs are escaped too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def json_visible(document: str) -> str:
    """Return a JSON document that holds the same, with nothing in it that controls a terminal."""

    def escape(found: re.Match[str]) -> str:
        character = found.group()
        return json.dumps(character)[1:-1] if _is_unseen(character) else character

    return _SUSPECT.sub(escape, document)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    if not _is_unseen(character):
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
