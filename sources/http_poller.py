"""Poll records that an HTTP address answers with."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import HttpConfig
from sources.cursors import MAX_GIVEN, Cursor, digest
from sources.errors import SourceError, TransientSourceError
from sources.good_records import good_records
from sources.http_pages import Position, next_position
from sources.http_source import HttpSource
from sources.polling import Lag, Page, PollOptions
from sources.secrets import SecretResolver
from sources.steady_columns import SteadyColumns
from sources.values import WrittenNumber

_LONGEST_WAIT = 86_400.0
_ROOM = 1000  # records remembered that are no longer answered

Record = Mapping[str, Any]


class HttpCursor(Cursor):
    """From which position to read on.

    Attributes:
        position: what the server is asked with; None for the beginning.
        given: what stands for each record that was given of the answer to it.
        told: whether people know of records without a cursor.
    """

    what = "an HTTP source"

    kind: Literal["http"] = "http"
    position: Position | None = None
    given: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True)
class _Answer:
    """Records in the order to give them, what stands for each, and the position after them."""

    records: list[Record]
    marks: list[str]
    position: Position | None = None
    notice: str | None = None


class HttpPoller:
    """Gives the records that were not in the answers before.

    Without ``pagination: cursor`` the answer is the whole list, and those given are known by their
    key, else by all they hold. With it, each poll is one request, with the position that the
    answer before held at ``cursor_path``, else with the last value of the cursor column.

    Raises:
        SourceError: nothing says from where to read on.
    """

    def __init__(
        self, config: HttpConfig, options: PollOptions, limits: ReadLimits, secrets: SecretResolver
    ) -> None:
        self._config = config
        self._place = config.place
        self._options = options
        self._limits = limits
        # A stream comes again anyway: waiting here would hold up its others.
        self._source = HttpSource(config, replace(limits, retries=0), secrets, options.key_columns)
        self._by_column = config.pagination == "cursor" and config.cursor_path is None
        if self._by_column and options.cursor_column is None:
            raise SourceError(
                f"{self._place}: nothing says from where to read on: set `cursor_path` to where an "
                "answer holds the next position, or `cursor_column` to a key that grows"
            )

    def poll(self, cursor: str | None, limit: int) -> Page:
        """Return the records after ``cursor``, as ``Poller.poll``; the lag is in rows."""
        state = HttpCursor() if cursor is None else HttpCursor.parse(self._place, cursor)
        columns = SteadyColumns(self._config, self._options, state.columns)
        try:
            answer = self._ask(state)
        except TransientSourceError as error:
            if error.wait_seconds is None:
                raise
            return Page(
                rows=columns.records([], self._limits.max_columns, str),
                next_cursor=state.text(self._place),
                wait_seconds=min(error.wait_seconds, _LONGEST_WAIT),
                notices=(str(error),),
            )
        new = [number for number, mark in enumerate(answer.marks) if mark not in state.given]
        taken = new[:limit]
        bad = BadRows(self._place, self._options.key_columns)
        good = [
            found
            for number in taken
            for found in good_records(bad, [answer.records[number]], first=number + 1)
        ]
        bad.check_page()
        frame = columns.records(
            [record for _, record in good],
            self._limits.max_columns,
            lambda row: f"record {good[row][0]}",
        )
        left = len(new) - len(taken)
        following = self._after(state, answer, taken, left)
        asks_on = self._config.pagination == "cursor" and bool(answer.records)
        more = left > 0 or (asks_on and following != state)
        said = [answer.notice] if answer.notice else []
        following = following.model_copy(
            update={"columns": columns.kinds, "told": state.told or bool(said)}
        )
        said += [*self._source.picker.notices(state.columns), *columns.notices]
        return Page(
            rows=frame,
            next_cursor=following.text(self._place),
            more=more,
            lag=Lag(left, "rows") if left or not more else None,
            notices=tuple(f"{self._place}: {notice}" for notice in (*bad.notices, *said)),
        )

    def close(self) -> None:
        """Nothing is open between two polls."""

    def _ask(self, state: HttpCursor) -> _Answer:
        if self._config.pagination != "cursor":
            records = list(islice(self._source.records(), MAX_GIVEN + 1))
            return self._marked(records)
        params = {} if state.position is None else {self._config.cursor_param: str(state.position)}
        page = self._source.page(params)
        if self._by_column:
            return self._in_order(page.records, state)
        return replace(self._marked(page.records), position=next_position(self._config, page))

    def _marked(self, records: list[Record]) -> _Answer:
        if len(records) > MAX_GIVEN:
            raise SourceError(
                f"{self._place}: answers with more than {MAX_GIVEN} records, too many to tell new "
                "ones from those given: set `pagination: cursor` with `cursor_param`, or ask for "
                "less through `params`"
            )
        counts: Counter[str] = Counter()
        return _Answer(records, [self._mark(record, counts) for record in records])

    def _mark(self, record: Record, counts: Counter[str]) -> str:
        """What stands for a record: its key, else all of it, and which of equal ones."""
        names = self._options.key_columns
        keyed = names and isinstance(record, dict)  # what is no object is left out, once
        values = map(record.get, names) if keyed else ()
        # Of a number whose value does not tell how it is written, its text.
        texts = [each.text if isinstance(each, WrittenNumber) else each for each in values]
        identity = texts if keyed else record
        mark = digest((json.dumps(identity, sort_keys=True),))
        counts[mark] += 1
        return mark if counts[mark] == 1 else digest((mark, counts[mark]))

    def _in_order(self, records: list[Any], state: HttpCursor) -> _Answer:
        """Records by their cursor, from the position on: a server may answer in any order."""
        name = self._options.cursor_column or ""
        records = [record for record in records if isinstance(record, dict)]
        usable = [record for record in records if record.get(name) is not None]
        try:
            least = None if state.position is None else _order(state.position)
            usable = [record for record in usable if least is None or _order(record[name]) >= least]
            usable.sort(key=lambda record: _order(record[name]))
        except (TypeError, ValueError):
            raise SourceError(
                f"{self._place}: `{name}` holds values that are not all numbers, or not all times "
                "in ISO 8601: name another `cursor_column`, or set `cursor_path` to where an "
                "answer holds the next position"
            ) from None
        untold = len(usable) < len(records) and not state.told
        missing = untold and any(record.get(name) is None for record in records)
        notice = f"has records without a value in `{name}`: they are never read"
        return replace(self._marked(usable), notice=notice if missing else None)

    def _after(self, state: HttpCursor, answer: _Answer, taken: list[int], left: int) -> HttpCursor:
        given = set(state.given) | {answer.marks[number] for number in taken}
        if len(given) > _ROOM and answer.marks:
            # Not at once: a list may come back that was cut short, or empty, for a while.
            given &= set(answer.marks)
        position = state.position
        if self._by_column and taken:
            name = self._options.cursor_column or ""
            position = answer.records[taken[-1]][name]
            last = _order(answer.records[taken[-1]][name])
            given &= {
                mark
                for mark, record in zip(answer.marks, answer.records, strict=True)
                if _order(record[name]) == last
            }
        elif answer.position is not None and answer.position != position and not left:
            position, given = answer.position, set()
        return state.model_copy(update={"position": position, "given": tuple(sorted(given))})


def _order(value: object) -> Any:
    """What numbers and times are sorted by.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(value)
    return value
