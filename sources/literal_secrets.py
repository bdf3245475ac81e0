"""Refuse secrets written out in a source's configuration; a reference belongs there."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from sources.secrets import REFERENCE, check_references

Values = TypeVar("Values", bound=Mapping[str, Any])

_SECRET_NAME = re.compile(
    r"password|passwd|passphrase|secret|credential|authorization|cookie|connectionstring"
    r"|(?<!page)(?<!next)(?<!continuation)token$"
    r"|(api|access|account|app|auth|client|functions|license|private|shared|signing|subscription)key$"
    r"|(sessionid|signature)$|^(appid|auth|bearer|jwt|key|pass|pin|pwd|sas|sig|xauth)$"
)
_NO_SECRETS = (None, "anon", "cloud", "google_default")  # ways to sign in, to gcsfs
_MARK = "\0"
_ADVICE = "write {env:NAME} (an environment variable) or {secret:name} (a Prefect secret block)"


def is_secret_name(name: str) -> bool:
    """Whether a parameter, header or option of this name usually carries a secret."""
    return bool(_SECRET_NAME.search(re.sub(r"[^a-z0-9]", "", name.lower())))


def refuse_literal_secrets_in_url(url: str) -> str:
    """Return ``url`` as it is.

    Raises:
        ValueError: it holds a literal password, or a literal value in a secret parameter. The
            message does not repeat it.
    """
    marked = _mark_references(url)
    user, password = _userinfo(marked)
    if password is not None and not _only_references(password):
        scheme = marked.partition("://")[0]
        raise ValueError(
            f"holds a literal password: {_ADVICE} in its place, "
            f"e.g. {scheme}://user:{{env:NAME}}@host"
        )
    if user and password is None and _is_web(marked) and not _only_references(user):
        raise ValueError(f"holds a literal token before the @: {_ADVICE} in its place")
    for name, value in parse_qsl(_query(marked)):
        if re.search(r"(?i)\b(pwd|password)=", value) or (
            is_secret_name(name) and not _only_references(value)
        ):
            raise ValueError(f"holds a literal value in `{name}`: {_ADVICE} in its place")
    return url


def refuse_literal_values(values: Values) -> Values:
    """Return parameters or options as they are; options may be nested.

    Raises:
        ValueError: one with a secret name has a literal value, which the message does not repeat;
            or a reference in one is refused.
    """
    for name, value in values.items():
        if isinstance(value, dict):
            refuse_literal_values(value)
            continue
        check_references(str(value))
        if is_secret_name(name) and not _is_harmless(value):
            raise ValueError(f"`{name}` holds a literal value: {_ADVICE} in its place")
    return values


def refuse_literal_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return headers as they are; a scheme may stand before the reference: ``Bearer {env:T}``.

    Raises:
        ValueError: one with a secret name holds no reference. The message does not repeat it.
    """
    for name, value in headers.items():
        if is_secret_name(name) and not REFERENCE.search(value):
            raise ValueError(
                f"`{name}` holds a literal value: {_ADVICE} in its place, "
                f"e.g. {name}: {_header_example(name)}"
            )
    return headers


def hide_query_secrets(url: str) -> str:
    """Return ``url`` without userinfo and with the values of secret parameters starred out."""
    without_user = re.sub(r"(?<=://)[^/?#]*@", "", url)

    def star(parameter: re.Match[str]) -> str:
        hidden = parameter[3] is not None and is_secret_name(parameter[2])
        return f"{parameter[1]}{parameter[2]}=***" if hidden else parameter[0]

    # Possessive, and never without a match after ? or &: the time it takes grows with the length.
    return re.sub(r"([?&])([^=&#]*+)(=[^&#]*+)?+", star, without_user)


def _userinfo(url: str) -> tuple[str, str | None]:
    """User and password, as widely as parsers of addresses take them: up to the first @."""
    ends_user = ":/?#@" if _is_web(url) else ":/@"
    match = re.match(rf"[^:/?#]+://([^{ends_user}]*)(?::([^@]*))?@", url)
    if not match or (_is_web(url) and re.match(r"\d{1,5}[/?#]", match[2] or "")):
        return "", None  # http://host:8080/@name has a port and a path
    return match[1], match[2]


def _query(url: str) -> str:
    return url.partition("?")[2].partition("#")[0]


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _mark_references(text: str) -> str:
    """References may hold characters that end a part of an address; their marks do not."""
    return REFERENCE.sub(_MARK, text)


def _only_references(marked: str) -> bool:
    return set(marked) <= {_MARK}


def _is_harmless(value: Any) -> bool:
    return value in _NO_SECRETS or _only_references(_mark_references(str(value)))


def _header_example(name: str) -> str:
    return "Bearer {env:NAME}" if name.lower() == "authorization" else "{env:NAME}"
