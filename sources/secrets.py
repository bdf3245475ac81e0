"""References to secrets, resolved only when a source is read, and never shown."""

import os
import re
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


def check_references(text: str) -> str:
    """Return ``text`` as it is.

    Raises:
        ValueError: a reference in it has a name that no variable or block can have.
    """
    for reference in REFERENCE.finditer(text):
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
            SourceError: a variable is not set, or a block cannot be read.
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
        """Return ``text`` with every value resolved so far replaced by its reference."""
        for value in sorted(self._shown_as, key=len, reverse=True):
            text = text.replace(value, self._shown_as[value])
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
            encoded = (quote(bare, safe=""), quote(bare), quote_plus(bare))
            escaped = repr(bare)[1:-1]
            self._shown_as |= dict.fromkeys((bare, *encoded, escaped), reference)

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


def _environment_variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        state = "empty" if value == "" else "not set"
        raise SourceError(
            f"environment variable {name} is {state}: set it where the flow runs "
            f"(the source refers to it as {{env:{name}}})"
        )
    return value
