"""Text of a source as a terminal may have it: data must not control what is on the screen."""

import unicodedata

# Control and format characters (escape sequences, right-to-left overrides, zero width), lone
# surrogates, and the two separators that some terminals take for line breaks.
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def visible(text: str) -> str:
    r"""Return ``text`` with control characters in the notation of Python: ``\x1b``, ``\u202e``.

    Line breaks and tabs stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
