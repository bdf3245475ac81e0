"""What an HTTP status means for a reader, in words people can act on."""

import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

import httpx

from sources.errors import SourceError, TransientSourceError
from sources.http_body import unpacked
from sources.secrets import SecretResolver

_EXCERPT = 120
_ADVICE = {
    204: ": expected JSON",
    401: ": check the credentials in `headers`, `params` or `url`",
    403: ": check what the credentials allow",
    404: ": check `url`",
}


class UnavailableError(TransientSourceError):
    """Worth another try, not before ``wait_seconds``."""


def check_status(where: str, response: httpx.Response, secrets: SecretResolver) -> None:
    """Check that an answer holds what was asked for; its body is not read yet.

    Raises:
        UnavailableError: 429 or 5xx.
        SourceError: any other status that is no success.
    """
    status = response.status_code
    if response.is_success and status != httpx.codes.NO_CONTENT:
        return
    reason = secrets.redact(response.reason_phrase)
    answered = f"{where}: answered {status} {reason}".rstrip()
    if status == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        wait = _retry_after(response.headers.get("Retry-After")) or None
        asked = f", asks to wait {wait:g} s" if wait else ""
        advice = ": run again later, or ask who runs it"
        said = _said(where, response, secrets)
        raise UnavailableError(f"{answered}{asked}{advice}{said}", wait_seconds=wait)
    advice = _ADVICE.get(status, "")
    raise SourceError(f"{answered}{advice}{_said(where, response, secrets)}")


def excerpt(body: bytes, secrets: SecretResolver) -> str:
    """Return the first characters of a body, on one line and without the secrets resolved."""
    text = " ".join(secrets.redact(body.decode("utf-8", "replace")).split())
    return f"{text[:_EXCERPT]}..." if len(text) > _EXCERPT else text


def _said(where: str, response: httpx.Response, secrets: SecretResolver) -> str:
    beginning = b""
    with suppress(SourceError):  # that it is badly packed matters less than the status
        beginning = next(filter(None, unpacked(where, response)), b"")[: 16 * _EXCERPT]
    text = excerpt(beginning, secrets)
    return f" (it said: {text})" if text else ""


def _retry_after(header: str | None) -> float:
    """Seconds to wait, from a number of them or a date; 0 where there is neither."""
    if header is None:
        return 0.0
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return 0.0
