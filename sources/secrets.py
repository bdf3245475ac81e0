"""References to secrets, resolved only when a source is read, and never shown."""

import json
import os
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import Filter, LogRecord, getLogger
from urllib.parse import quote, quote_plus, unquote

from sources.errors import SourceError

REFERENCE = re.compile(r"\{(?P<kind>env|secret):(?P<name>[^{}]*)\}")

_NAMES = {
    "env": (re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), "letters, digits and underscores"),
    "secret": (re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), "lowercase letters, digits and dashes"),
}
# Settings of this program and of Prefect, with keys and passwords of theirs: no source needs them.
_OWN_SETTINGS = ("VIGIL_", "PREFECT_")
_SHORTEST_FRAGMENT = 8  # characters of base64; shorter ones occur by chance


def check_references(text: str) -> str:
    """Return ``text`` as it is.

    Raises:
        ValueError: a reference in it has a name that no variable or block can have, or is to a
            setting of Vigil or Prefect.
    """
    for reference in REFERENCE.finditer(text):
        if reference["kind"] == "env" and _is_own_setting(reference["name"]):
            raise ValueError(_own_setting(reference["name"]))
        pattern, allowed = _NAMES[reference["kind"]]
        if not pattern.fullmatch(reference["name"]):
            raise ValueError(f"the name in {reference[0]} may hold only {allowed}")
    return text


class SecretResolver:
    """Resolves ``{env:NAME}`` and ``{secret:block}``, and remembers what must not be shown.

    Args:
        lookup_block: returns the value of the secret block of that name, and raises a
            ``SourceError`` where there is none; without it ``{secret:...}`` is refused.
    """

    def __init__(self, lookup_block: Callable[[str], str] | None = None) -> None:
        self._lookup_block = lookup_block
        self._shown_as: dict[str, str] = {}

    def resolve(self, text: str) -> str:
        """Return ``text`` with every reference replaced by its value.

        Raises:
            SourceError: a variable is not set or may not be read, or a block cannot be read.
        """
        return REFERENCE.sub(lambda reference: self._value(reference), text)

    def resolve_url(self, url: str) -> str:
        """Return ``url`` with every reference replaced by its value.

        A reference at the very start stands for an address, or the beginning of one, and is put in
        as it is, like one in the path. Elsewhere it stands for a user, a password, a host or the
        value of a parameter, and is percent-encoded.

        Raises:
            SourceError: as ``resolve``.
        """
        path = url.find("/", url.find("://") + len("://"))
        query = url.find("?")
        plain = range(path if path >= 0 else len(url), query if query >= 0 else len(url))

        def replace(reference: re.Match[str]) -> str:
            value = self._value(reference)
            if reference.start() == 0:
                self._remember_password(value, reference[0])
                return value
            return value if reference.start() in plain else quote(value, safe="")

        return REFERENCE.sub(replace, url)

    def redact(self, text: str) -> str:
        """Return ``text`` with every value resolved so far replaced by its reference.

        A value is found in any letter case, percent-encoded, escaped as in JSON or Python, and in
        base64; not when it is cut, split, hashed or encoded in another way.
        """
        for value in sorted(self._shown_as, key=len, reverse=True):
            text = re.sub(re.escape(value), self._shown_as[value], text, flags=re.IGNORECASE)
        return text

    @contextmanager
    def redacted_logs(self, *names: str) -> Iterator[None]:
        """Keep the values resolved out of what the loggers of these names write meanwhile."""
        loggers = [getLogger(name) for name in names]
        redaction = _Redaction(self)
        for logger in loggers:
            logger.addFilter(redaction)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeFilter(redaction)

    def _value(self, reference: re.Match[str]) -> str:
        if reference["kind"] == "env":
            value = _environment_variable(reference["name"])
        else:
            value = self._block(reference["name"])
        self._remember(value, reference[0])
        return value

    def _block(self, name: str) -> str:
        if self._lookup_block is None:
            raise SourceError(
                f"{{secret:{name}}} names a Prefect secret block, which can be read only inside "
                "a flow run: use {env:NAME} here"
            )
        return self._lookup_block(name)

    def _remember(self, value: str, reference: str) -> None:
        bare = value.strip()
        if bare:
            encoded = (quote(bare, safe=""), quote(bare), quote_plus(bare), *_in_base64(bare))
            escaped = (repr(bare)[1:-1], json.dumps(bare)[1:-1])
            self._shown_as |= dict.fromkeys((bare, *encoded, *escaped), reference)

    def _remember_password(self, url: str, reference: str) -> None:
        """A driver may quote only the password of an address that is secret as a whole."""
        password = re.match(r"[^:/?#]+://[^:/@]*:([^@]*)@", url)
        if password:
            self._remember(password[1], reference)
            self._remember(unquote(password[1]), reference)


class _Redaction(Filter):
    def __init__(self, secrets: SecretResolver) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: LogRecord) -> bool:
        record.msg = self._secrets.redact(record.getMessage())
        record.args = ()
        return True


def _in_base64(value: str) -> Iterator[str]:
    """What base64 makes of ``value``, wherever it stands in a longer text such as user:password."""
    data = value.encode(errors="surrogateescape")
    for before in range(3):
        # The first and last characters depend on what stands beside the value.
        first = -(-8 * before // 6)
        last = 8 * (before + len(data)) // 6
        for encode in (b64encode, urlsafe_b64encode):
            fragment = encode(b"\0" * before + data).decode()[first:last]
            if len(fragment) >= _SHORTEST_FRAGMENT:
                yield fragment


def _is_own_setting(name: str) -> bool:
    return name.upper().startswith(_OWN_SETTINGS)


def _own_setting(name: str) -> str:
    return (
        f"{{env:{name}}} refers to a setting of Vigil or Prefect, which is never sent to a source: "
        "put the value it needs into a variable with another name"
    )


def _environment_variable(name: str) -> str:
    if _is_own_setting(name):
        raise SourceError(_own_setting(name))
    value = os.environ.get(name)
    if not value:
        state = "empty" if value == "" else "not set"
        raise SourceError(
            f"environment variable {name} is {state}: set it where the flow runs "
            f"(the source refers to it as {{env:{name}}})"
        )
    return value
