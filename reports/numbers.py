"""Numbers as people read them."""

import math

NOTHING = "\N{EN DASH}"


def number(value: float | None, figures: int = 4) -> str:
    """Return a number with thousands grouped: 1,234; 0.0123; 1.2e+300.

    Args:
        value: the number; None and NaN become a dash.
        figures: significant figures of a fraction.
    """
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    value = value + 0.0  # no minus before a zero
    size = abs(value)
    if size and (size >= 1e12 or size < 1e-4):
        return f"{value:.3g}"
    if value.is_integer() or size >= 10 ** (figures - 1):
        return f"{value:,.0f}"
    text = f"{value:,.{figures - 1 - math.floor(math.log10(size))}f}"
    return text.rstrip("0").rstrip(".")


def signed(value: float, figures: int = 4) -> str:
    """Return a number with its sign: +0.21, -1,234; 0 has none."""
    return f"+{number(value, figures)}" if value > 0 else number(value, figures)


def span(limits: tuple[float | None, float | None], figures: int = 4) -> str:
    """Return a range: 6.8 to 46.22; a dash when it has no limits."""
    low, high = limits
    if low is None or high is None:
        return NOTHING
    return f"{number(low, figures)} to {number(high, figures)}"


def percent(share: float) -> str:
    """Return a share as a percentage: 1.8 %, 0.012 %, 99.96 %, 100 %."""
    if 0 < share < 1e-6:
        return "under 0.0001 %"
    return f"{float(f'{100 * share:.{4 if share > 0.99 else 2}g}'):g} %"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: 1 row, 1,200 rows."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a span of time: 0.84 s, 12 s, 2 min 5 s, 1 h 3 min."""
    if seconds < 0.001:
        return "under 0.001 s"
    if seconds < 9.95:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def size(count: int) -> str:
    """Return a number of bytes: 512 B, 1.5 KiB, 23.4 MiB."""
    if count < 2**10:
        return f"{count} B"
    unit, divisor = next(
        (unit, divisor)
        for unit, divisor in (("KiB", 2**10), ("MiB", 2**20), ("GiB", 2**30), ("TiB", 2**40))
        if count < 1000 * divisor or unit == "TiB"
    )
    return f"{count / divisor:,.1f} {unit}"
