"""Values of PostgreSQL that no type of Python holds: infinity, times before Christ or past 9999."""

from datetime import timedelta
from typing import Any

import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader

from sources.values import UnreadableValue

_KINDS = ("date", "time", "timetz", "timestamp", "timestamptz", "interval")

_LONGEST = timedelta(days=100_000_000)  # in microseconds, 64 bits hold a little more


def read_all_values(connection: psycopg.Connection[Any]) -> None:
    """Let a value that cannot be read cost that value, and not the table it stands in."""
    for name in _KINDS:
        kind = psycopg.adapters.types[name]
        connection.adapters.register_loader(kind.oid, _tolerant(kind.oid))


def _tolerant(oid: int) -> type[Loader]:
    strict = psycopg.adapters.get_loader(oid, psycopg.pq.Format.TEXT)
    if strict is None:
        raise RuntimeError(f"psycopg reads no type {oid}")
    make = strict

    class Tolerant(Loader):
        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._load = make(oid, context).load

        def load(self, data: Buffer) -> Any:
            try:
                value = self._load(data)
            except (psycopg.DataError, ValueError, OverflowError):
                return UnreadableValue(bytes(data).decode())
            too_long = isinstance(value, timedelta) and abs(value) > _LONGEST
            return UnreadableValue(bytes(data).decode()) if too_long else value

    return Tolerant
