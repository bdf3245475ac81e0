"""Numbers as people and programs write them: separators, currencies, units and negatives."""

import re
import unicodedata
from dataclasses import dataclass

Separators = tuple[str, str | None]

_SPACES = " \u00a0\u2007\u2009\u202f"
_THOUSANDS = {",": ",", ".": r"\.", " ": f"[{_SPACES}]", "'": "['\u2019]", "_": "_"}
_DECIMALS = {".": r"\.", ",": ","}
_CURRENCIES = """
    EUR USD GBP CHF JPY CNY RMB INR AUD CAD NZD SEK NOK DKK ISK PLN CZK HUF RON BGN TRY RUB UAH ILS
    ZAR BRL MXN ARS CLP COP PEN SGD HKD KRW TWD THB MYR IDR PHP VND AED SAR EGP NGN KES BTC ETH
    kr Kr kr. Fr. zł Kč Ft Rs Rs. R$ US$ A$ C$ HK$ euro Euro
"""
_UNITS = """
    % ‰ pct bp bps pp ns us µs μs ms s sec secs min mins h hr hrs hour hours d day days week weeks
    month months year years yrs bit kbit Mbit Gbit kbps Mbps Gbps B kB KB MB GB TB PB KiB MiB GiB
    TiB b/s kb/s Mb/s Gb/s B/s kB/s KB/s MB/s GB/s Hz kHz MHz GHz m mm cm dm km µm nm mi ft in yd m²
    m2 km² m³ m3 g mg kg µg t lb lbs oz l L ml mL cl dl hl gal °C °F °K ° C F K Pa hPa kPa MPa bar
    mbar psi atm V mV kV A mA µA W mW kW MW GW Wh kWh MWh GWh J kJ MJ cal kcal N kN Nm rpm km/h kmh
    mph m/s kn dB dBm lx lm ppm ppb pH px pt pcs pc x
"""
_ABBREVIATIONS = "k K M G T B m bn mn Mio Mio. Mrd Mrd. mio mrd"

ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
CURRENCIES = frozenset(_CURRENCIES.split())
UNITS = frozenset(_UNITS.split())

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SIGN = r"[+\-\u2212]"  # also that of typography
_PARTS = re.compile(
    rf"""(?P<open>\()? \s* (?P<sign>{_SIGN})? \s*
    (?P<before>[^\d\s().,'\u2019_+\-\u2212]{{1,4}}\.?)? \s* (?P<second>{_SIGN})? \s*
    (?P<core>[.,]?\d(?:[\d.,'\u2019_{_SPACES}]*\d)?[.]?(?:[eE][+\-]?\d+)?) (?P<gap>\s*)
    (?P<behind>[^\d\s()+\-\u2212][^\d\s()+\-\u2212]{{0,5}}[²³23]?)?? \s*
    (?P<trailing>{_SIGN})? \s* (?P<close>\))?""",
    re.VERBOSE,
)


def _form(decimal: str, thousands: str | None) -> re.Pattern[str]:
    whole = r"\d+"
    if thousands is not None:
        mark = _THOUSANDS[thousands]
        # Groups of two before the last are India's.
        whole = rf"(?:[1-9]\d{{0,2}}(?:{mark}\d{{2,3}})*{mark}\d{{3}}|\d+)"
    mark = _DECIMALS[decimal]
    return re.compile(rf"(?:{whole}(?:{mark}\d*)?|{mark}\d+)(?:[eE][+\-]?\d+)?")


# By decimal and thousands separator, the plainest first.
FORMS = {
    (decimal, thousands): _form(decimal, thousands)
    for thousands in (None, *_THOUSANDS)
    for decimal in _DECIMALS
    if thousands != decimal
}


@dataclass(frozen=True)
class NumberText:
    """A text that is a number.

    Attributes:
        text: as it stands.
        plain: whether it is one for every program.
        separators: the pairs of decimal and thousands separator that it may have.
        affix: the currency or unit beside it.
        apart: whether a space is between it and a unit, or it is a sign before the number.
        negatives: how it is marked as negative, where that is by no sign before it.
    """

    text: str
    plain: bool
    separators: frozenset[Separators]
    affix: str = ""
    apart: bool = False
    negatives: str | None = None

    @property
    def may_be_code(self) -> bool:
        """Whether it may as well be a code of number and letter, such as 2B."""
        return len(self.affix) == 1 and self.affix.isalpha() and not self.apart


def parse_number_text(text: str) -> NumberText | None:
    """Return what ``text`` is as a number; None where it is none."""
    stripped = text.strip()
    parts = _PARTS.fullmatch(stripped)
    if parts is None or (parts["open"] is None) != (parts["close"] is None):
        return None
    if sum(parts[sign] is not None for sign in ("open", "sign", "second", "trailing")) > 1:
        return None
    before, behind = parts["before"] or "", parts["behind"] or ""
    if (before and (behind or not _is_currency(before))) or (behind and not _is_unit(behind)):
        return None
    separators = frozenset(pair for pair, form in FORMS.items() if form.fullmatch(parts["core"]))
    if not separators or _is_address(parts["core"]):
        return None
    negatives = "parentheses" if parts["open"] else "trailing" if parts["trailing"] else None
    plain = _PLAIN.fullmatch(stripped.replace("\u2212", "-")) is not None
    apart = bool(before or parts["gap"])
    return NumberText(text, plain, separators, before or behind, apart, negatives)


def _is_currency(text: str) -> bool:
    return text in CURRENCIES or all(unicodedata.category(sign) == "Sc" for sign in text)


def _is_unit(text: str) -> bool:
    return text in UNITS or text in ABBREVIATIONS or _is_currency(text)


def _is_address(core: str) -> bool:
    """Whether four groups are those of an IP address."""
    groups = core.split(".")
    return len(groups) == 4 and all(group.isdigit() and int(group) < 256 for group in groups)
