"""Ask an HTTP source for its records, page after page."""

from collections.abc import Generator, Sequence
from typing import Any

import httpx

from sources.base import ReadLimits
from sources.config import HttpConfig
from sources.errors import SourceError
from sources.http_answer import AnswerCache
from sources.http_client import HttpClient
from sources.http_pages import Page, Pages
from sources.http_status import excerpt
from sources.record_fields import FieldPicker
from sources.records import parse_records
from sources.secrets import SecretResolver


class HttpSource:
    """Asks with the parameters, headers and credentials of its configuration.

    Answers with an ETag are kept, and fetched again only when they have changed.

    Attributes:
        picker: takes the columns from each record.
    """

    def __init__(
        self,
        config: HttpConfig,
        limits: ReadLimits,
        secrets: SecretResolver,
        keys: Sequence[str] = (),
    ) -> None:
        self._config = config
        self._keys = keys
        self._limits = limits
        self._secrets = secrets
        self._cache = AnswerCache()
        self.picker = FieldPicker(config.place, config.fields)

    def records(self) -> Generator[Any, None, None]:
        """Yield the records of all pages; no page is asked for before it is needed.

        Raises:
            SourceError: an answer holds no records, or pages do not end.
            TransientSourceError: there was no answer this time.
        """
        start, client = self._open()
        with client:
            pages = Pages(self._config, start)
            url: httpx.URL | None = pages.first()
            while url is not None:
                page = self._page(client, url)
                yield from page.records
                url = pages.after(page)

    def page(self, params: dict[str, str]) -> Page:
        """Return the one page that is answered with these parameters more.

        Raises:
            SourceError: as ``records``.
        """
        start, client = self._open()
        with client:
            return self._page(client, start.copy_merge_params(params))

    def _open(self) -> tuple[httpx.URL, HttpClient]:
        url, auth = self._address()
        headers = self._resolve(self._config.headers)
        return url, HttpClient(headers, auth, self._limits, self._secrets, self._cache)

    def _address(self) -> tuple[httpx.URL, tuple[str, str] | None]:
        """The address with its parameters, and the user and password that stood in it."""
        resolved = self._secrets.resolve_url(self._config.url)
        try:
            url = httpx.URL(resolved)
        except httpx.InvalidURL:  # its message quotes parts of the address
            raise SourceError(f"{self._config.place}: not a valid address") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise SourceError(
                f"{self._config.place}: expected an address that starts with http:// or https://"
            )
        auth = (url.username, url.password) if url.userinfo else None
        params = self._resolve(self._config.params)
        return url.copy_with(userinfo=b"").copy_merge_params(params), auth

    def _resolve(self, values: dict[str, str]) -> dict[str, str]:
        return {name: self._secrets.resolve(value) for name, value in values.items()}

    def _page(self, client: HttpClient, url: httpx.URL) -> Page:
        answer = client.get(url)
        shown = client.shown(url)
        if answer.content.lstrip()[:1] in (b"", b"<"):
            what = "HTML or XML" if answer.content.strip() else "an empty body"
            raise SourceError(
                f"{shown}: answered {what}, expected JSON: is `url` the API's address and not "
                f"a page for people? It begins: {excerpt(answer.content, self._secrets)!r}"
            )
        document, records = parse_records(shown, answer.content, self._config, self._keys)
        if self._config.orient == "records":
            records = list(self.picker.pick(records))
        return Page(url, shown, document, records, answer.link)
