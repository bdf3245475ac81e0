"""From one page of an HTTP source to the next."""

from dataclasses import dataclass
from typing import Any

import httpx

from sources.config import HttpConfig
from sources.errors import SourceError
from sources.http_client import same_host
from sources.literal_secrets import is_secret_name
from sources.record_fields import value_at

Position = int | float | str


@dataclass(frozen=True)
class Page:
    """One page as it was answered.

    Attributes:
        url: its address.
        shown: its address as errors name it.
        document: what it holds.
        records: the list of records in it.
        link: the address in its Link header with rel=next.
    """

    url: httpx.URL
    shown: str
    document: Any
    records: list[Any]
    link: str | None


class Pages:
    """Walks the pages of one read, and notices when it walks in a circle.

    Args:
        config: of the source.
        start: the address with its parameters, without those that count pages.
    """

    def __init__(self, config: HttpConfig, start: httpx.URL) -> None:
        self._config = config
        self._start = start
        self._read = 0
        self._seen: set[str] = set()
        self._previous: list[Any] = []

    def first(self) -> httpx.URL:
        """Return the address of the first page.

        Raises:
            SourceError: nothing says which page is next.
        """
        if self._config.pagination == "cursor" and self._config.cursor_path is None:
            raise SourceError(
                f"{self._config.place}: only a stream can read on from the last value of a column: "
                "set `cursor_path` to where an answer holds the next position"
            )
        return self._numbered() if self._config.pagination == "page" else self._start

    def after(self, page: Page) -> httpx.URL | None:
        """Return the address of the page after ``page``, or None where that was the last.

        Raises:
            SourceError: there are too many pages, or the next one was read already, is on another
                host, or is not named by an address.
        """
        self._read += 1
        self._seen.add(str(page.url))
        url = self._next(page)
        if url is not None and self._read == self._config.max_pages:
            raise SourceError(
                f"{page.shown}: more pages follow than the {self._read} of `max_pages`: raise it, "
                "or ask for more records a page through `params`"
            )
        return url

    def _next(self, page: Page) -> httpx.URL | None:
        match self._config.pagination:
            case "page":
                return self._by_number(page)
            case "cursor":
                return self._by_position(page)
        return self._by_link(page)

    def _by_position(self, page: Page) -> httpx.URL | None:
        position = next_position(self._config, page)
        if not page.records or position is None:
            return None
        url = self._start.copy_merge_params({self._config.cursor_param: str(position)})
        return None if url == page.url else self._unseen(page, url)

    def _by_number(self, page: Page) -> httpx.URL | None:
        if not page.records:
            return None
        if page.records == self._previous:
            raise SourceError(
                f"{page.shown}: holds the same records as the page before: set `page_param` to "
                "the parameter that counts pages"
            )
        self._previous = page.records
        return self._numbered()

    def _numbered(self) -> httpx.URL:
        number = str(self._config.first_page + self._read)
        return self._start.copy_merge_params({self._config.page_param: number})

    def _by_link(self, page: Page) -> httpx.URL | None:
        link = self._link(page)
        if not link:
            return None
        if not isinstance(link, str):
            raise SourceError(f"{page.shown}: expected an address at `{self._config.next_path}`")
        url = self._with_secrets(_joined(page, link))
        if not same_host(page.url, url):
            raise SourceError(
                f"{page.shown}: the next page is on another host, {url.host}: pages are followed "
                "only where the first one is"
            )
        return self._unseen(page, url)

    def _unseen(self, page: Page, url: httpx.URL) -> httpx.URL:
        if str(url) in self._seen:
            raise SourceError(f"{page.shown}: the next page is one that was read already")
        return url

    def _link(self, page: Page) -> Any:
        if self._config.pagination == "next":
            return value_at(page.document, self._config.next_path)
        return page.link if self._config.pagination == "link" else None

    def _with_secrets(self, url: httpx.URL) -> httpx.URL:
        """Servers leave keys out of the links they hand out."""
        left_out = {
            name: value
            for name, value in self._start.params.items()
            if is_secret_name(name) and name not in url.params
        }
        return url.copy_merge_params(left_out)


def next_position(config: HttpConfig, page: Page) -> Position | None:
    """Return the position that an answer holds at ``cursor_path``; None where there is none.

    Raises:
        SourceError: what is there is neither text nor number.
    """
    position = value_at(page.document, config.cursor_path) if config.cursor_path else None
    if position in (None, ""):
        return None
    is_position = isinstance(position, (int, float, str)) and not isinstance(position, bool)
    if not is_position or str(position) in ("nan", "inf", "-inf"):
        raise SourceError(f"{page.shown}: expected a position at `{config.cursor_path}`")
    return position


def _joined(page: Page, link: str) -> httpx.URL:
    try:
        return page.url.join(link)
    except httpx.InvalidURL:  # its message quotes parts of the address
        raise SourceError(
            f"{page.shown}: the next page is at what is no address: ask who runs it"
        ) from None
