"""GET from a host: bounded in time, bytes and tries, and nothing secret in errors or logs."""

import time
from typing import Self

import httpx
import tenacity

from sources.base import ReadLimits
from sources.errors import SourceError, TransientSourceError
from sources.http_answer import Answer, AnswerCache
from sources.http_body import ACCEPTED, unpacked
from sources.http_status import UnavailableError, check_status
from sources.literal_secrets import hide_query_secrets
from sources.public_transport import PublicTransport
from sources.secrets import SecretResolver

_REDIRECTS = 5
_LONGEST_BACKOFF = 30.0
_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11")


class HttpClient:
    """GETs answers for one read of a source; use it as a context.

    Args:
        headers: sent with each request.
        auth: user and password, or None.
        limits: of each request, and of all of them together.
        secrets: what resolved the addresses and headers, to keep it out of errors and logs.
        cache: answers of earlier reads.
    """

    def __init__(
        self,
        headers: dict[str, str],
        auth: tuple[str, str] | None,
        limits: ReadLimits,
        secrets: SecretResolver,
        cache: AnswerCache,
    ) -> None:
        self._limits = limits
        self._secrets = secrets
        self._cache = cache
        self._deadline = time.monotonic() + limits.deadline_seconds
        self._bytes = 0
        self._client = httpx.Client(
            headers={
                "Accept": "application/json",
                "User-Agent": "vigil",
                **headers,
                "Accept-Encoding": ACCEPTED,
            },
            auth=auth,
            timeout=limits.timeout_seconds,
            follow_redirects=False,
            transport=None if limits.allow_private else PublicTransport(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def get(self, url: httpx.URL) -> Answer:
        """Return the answer to a GET, after more tries on 429, 5xx and connection errors.

        Raises:
            SourceError: any other status, a redirect to another host, too many bytes.
            TransientSourceError: no answer after all tries, or none before the deadline.
        """
        tries = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(1 + self._limits.retries)
            | tenacity.stop_before_delay(self._deadline - time.monotonic()),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(UnavailableError),
            reraise=True,
        )
        try:
            with self._secrets.redacted_logs(*_LOGGERS):
                return tries(self._follow, url)
        except UnavailableError as error:
            made = tries.statistics["attempt_number"]
            raise TransientSourceError(
                f"{error} (tries: {made})", retried=True, wait_seconds=error.wait_seconds
            ) from None

    def shown(self, url: httpx.URL) -> str:
        """Return the address as errors name it."""
        return self._secrets.redact(hide_query_secrets(str(url)))

    def _wait(self, state: tenacity.RetryCallState) -> float:
        backoff = tenacity.wait_random_exponential(self._limits.backoff_seconds, _LONGEST_BACKOFF)
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_seconds if isinstance(error, UnavailableError) else None
        return max(backoff(state), asked or 0.0)

    def _follow(self, url: httpx.URL) -> Answer:
        for _ in range(_REDIRECTS + 1):
            answer = self._request(url)
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise SourceError(f"{self.shown(url)}: redirected more than {_REDIRECTS} times")

    def _request(self, url: httpx.URL) -> Answer | httpx.URL:
        """One request: its answer, or where it is redirected to."""
        self._check_deadline(url)
        kept = self._cache.get(str(url))
        headers = {"If-None-Match": kept.etag} if kept and kept.etag else {}
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                if response.status_code == httpx.codes.NOT_MODIFIED and kept:
                    return kept
                if response.has_redirect_location:
                    return self._redirected(url, response)
                check_status(self.shown(url), response, self._secrets)
                answer = Answer(
                    content=self._body(url, response),
                    link=response.links.get("next", {}).get("url"),
                    etag=response.headers.get("ETag"),
                )
        except httpx.RequestError as error:
            raise self._failure(url, error) from None
        self._cache.keep(str(url), answer)
        return answer

    def _body(self, url: httpx.URL, response: httpx.Response) -> bytes:
        """The body, unpacked; given up at the limit, however long it would go on."""
        body = bytearray()
        for piece in unpacked(self.shown(url), response):
            body += piece
            self._bytes += len(piece)
            if self._bytes > self._limits.max_bytes:
                raise SourceError(
                    f"{self.shown(url)}: answered more than the {self._limits.max_bytes} bytes "
                    f"allowed ({response.num_bytes_downloaded} came in): ask for less through "
                    "`params`, or raise VIGIL_READ_MAX_BYTES"
                )
            self._check_deadline(url)
        return bytes(body)

    def _check_deadline(self, url: httpx.URL) -> None:
        if time.monotonic() > self._deadline:
            raise TransientSourceError(
                f"{self.shown(url)}: not read within {self._limits.deadline_seconds:g} s: ask for "
                "less through `params`",
                retried=True,
            )

    def _redirected(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        target = url.join(response.headers["Location"])
        if not same_host(url, target):
            raise SourceError(
                f"{self.shown(url)}: redirects to another host, {self.shown(target)}: if that is "
                "right, set `url` to it"
            )
        return target

    def _failure(self, url: httpx.URL, error: httpx.RequestError) -> SourceError:
        where = self.shown(url)
        if isinstance(error, httpx.TimeoutException):
            return UnavailableError(
                f"{where}: no answer within {self._limits.timeout_seconds:g} s: "
                "run again later, or raise VIGIL_READ_TIMEOUT_SECONDS"
            )
        if isinstance(error, httpx.LocalProtocolError):  # its message holds the header's value
            return SourceError(
                f"{where}: a header cannot be sent as it is: does its value end in a line break?"
            )
        message = f"{where}: {self._secrets.redact(str(error)) or type(error).__name__}"
        if isinstance(error, httpx.TransportError) and "CERTIFICATE" not in message:
            return UnavailableError(f"{message}: is it up, and `url` right?")
        return SourceError(message)


def same_host(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether secrets meant for ``one`` may go to ``other``: the same, or by https instead."""
    if one.host != other.host:
        return False
    upgraded = (one.scheme, one.port, other.scheme, other.port) == ("http", None, "https", None)
    return upgraded or (one.scheme == other.scheme and one.port == other.port)
