"""Numbers as people read them."""

import math

NOTHING = "\u2013"


def number(value: float | None) -> str:
    """Return four significant figures at least, thousands grouped: 1,234; 0.0123; 1.2e+300."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    size = abs(value)
    if size and (size >= 1e12 or size < 1e-4):
        return f"{value:.3g}"
    if float(value).is_integer() or size >= 10_000:
        return f"{value:,.0f}"
    decimals = 3 - math.floor(math.log10(size))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Return a share as a percentage with two figures: 1.8 %, 0.012 %, 100 %."""
    if not share:
        return "0 %"
    hundredths = 100 * share
    if hundredths < 0.001:
        return "under 0.001 %"
    return f"{number(float(f'{hundredths:.2g}' if hundredths < 99 else f'{hundredths:.4g}'))} %"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: 1 row, 1,200 rows."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a span of time: 0.84 s, 12 s, 2 min 5 s, 1 h 3 min."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
