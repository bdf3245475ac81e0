"""Read records that an HTTP address answers with, page after page."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import httpx

from sources.base import ReadLimits
from sources.config import HttpConfig
from sources.errors import SourceError
from sources.http_answer import AnswerCache
from sources.http_client import HttpClient
from sources.http_pages import Page, Pages
from sources.http_status import excerpt
from sources.json_text import parse_json
from sources.records import find_records, records_table
from sources.secrets import SecretResolver
from sources.spool import Spool
from sources.spooled_table import SpooledTable
from sources.spooling_reader import SpoolingReader


class HttpReader(SpoolingReader):
    """Reads JSON over HTTP; answers with an ETag are kept, and fetched again only when changed."""

    def __init__(self, config: HttpConfig, limits: ReadLimits, secrets: SecretResolver) -> None:
        super().__init__(config.place, limits)
        self._config = config
        self._secrets = secrets
        self._cache = AnswerCache()

    def _fill(
        self, spool: Spool, columns: Sequence[str] | None, limit: int | None = None
    ) -> SpooledTable:
        """With a ``limit`` no page more than needed is asked for; one is in memory at a time."""
        url, auth = self._address()
        headers = self._resolve(self._config.headers)
        with HttpClient(headers, auth, self._limits, self._secrets, self._cache) as client:
            records = islice(self._records(client, url), limit)
            return records_table(self._place, records, columns, self._limits, spool)

    def _address(self) -> tuple[httpx.URL, tuple[str, str] | None]:
        """The address with its parameters, and the user and password that stood in it."""
        resolved = self._secrets.resolve_url(self._config.url)
        try:
            url = httpx.URL(resolved)
        except httpx.InvalidURL:  # its message quotes parts of the address
            raise SourceError(f"{self._place}: not a valid address") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise SourceError(
                f"{self._place}: expected an address that starts with http:// or https://"
            )
        auth = (url.username, url.password) if url.userinfo else None
        params = self._resolve(self._config.params)
        return url.copy_with(userinfo=b"").copy_merge_params(params), auth

    def _resolve(self, values: dict[str, str]) -> dict[str, str]:
        return {name: self._secrets.resolve(value) for name, value in values.items()}

    def _records(self, client: HttpClient, start: httpx.URL) -> Iterator[Any]:
        pages = Pages(self._config, start)
        url: httpx.URL | None = pages.first()
        while url is not None:
            page = self._page(client, url)
            yield from page.records
            url = pages.after(page)

    def _page(self, client: HttpClient, url: httpx.URL) -> Page:
        answer = client.get(url)
        shown = client.shown(url)
        if answer.content.lstrip()[:1] in (b"", b"<"):
            what = "HTML or XML" if answer.content.strip() else "an empty body"
            raise SourceError(
                f"{shown}: answered {what}, expected JSON: is `url` the API's address and not "
                f"a page for people? It begins: {excerpt(answer.content, self._secrets)!r}"
            )
        document = parse_json(shown, answer.content)
        records = find_records(shown, document, self._config.records)
        return Page(url, shown, document, records, answer.link)
