"""Follow a poller from cursor to cursor, as a stream does."""

import pandas as pd

from sources.polling import Page, Poller


def poll_all(
    poller: Poller, cursor: str | None = None, limit: int = 1000
) -> tuple[list[Page], str]:
    """Return the pages that are ready, at least one, and the cursor after them."""
    pages = []
    while True:
        page = poller.poll(cursor, limit)
        assert len(page.rows) <= limit
        pages.append(page)
        cursor = page.next_cursor
        if not page.more:
            return pages, cursor


def values(pages: list[Page], column: str) -> list[object]:
    """Return what a column holds in all pages."""
    return [value for page in pages if len(page.rows) for value in page.rows[column].tolist()]


def notices(pages: list[Page]) -> list[str]:
    return [notice for page in pages for notice in page.notices]


def same_pages(some: list[Page], others: list[Page]) -> bool:
    """Whether two lists of pages hold the same rows in the same types."""
    return pd.concat([page.rows for page in some], ignore_index=True).equals(
        pd.concat([page.rows for page in others], ignore_index=True)
    )
