"""Texts that are quantities are recognised with their settings; categories stay categories."""

import pandas as pd
import pytest

from detectors.columns import CategoryColumn, NumericColumn
from detectors.errors import DetectorError
from detectors.features import FeatureEncoder, describe_column, fit_column
from detectors.notation import find_notation
from detectors.online.rows import StreamColumns
from detectors.roles import ColumnRoles


def column(*texts: str | None) -> pd.Series:
    return pd.Series(texts, name="betrag", dtype=object)


@pytest.mark.parametrize(
    ("texts", "settings"),
    [
        (("2.402,38", "12,50", "99.999,00"), ['`decimal: ","`', '`thousands: "."`']),
        (("2,5", "3", "4", "5,25"), ['`decimal: ","`']),
        (("1,234.56", "12.50", "9,999.00"), ['`thousands: ","`']),
        (("12,34,567", "1,00,000"), ['`thousands: ","`']),
        (("1 234", "17", "12 345"), ['`thousands: " "`']),
        (("1\u00a0234,5", "3\u202f456,2"), ['`decimal: ","`', '`thousands: " "`']),
        (("1\u2009234", "3\u2009456"), ['`thousands: " "`']),
        (("1'234.50", "9’999.10", "3"), ['`thousands: "\'"`']),
        (("$1234.56", "$7", "$12.10"), ['`strip: ["$"]`']),
        (("-$1,234.56", "$7.00"), ['`thousands: ","`', '`strip: ["$"]`']),
        (("€ 12,50", "€ 1.200,50"), ['`decimal: ","`', '`thousands: "."`', '`strip: ["€"]`']),
        (("12,50 EUR", "3,10 EUR"), ['`decimal: ","`', '`strip: ["EUR"]`']),
        (("12%", "13 %", "14.5%"), ['`strip: ["%"]`']),
        (("12 ms", "15ms"), ['`strip: ["ms"]`']),
        (("12 V", "5 V"), ['`strip: ["V"]`']),
        (("(123.45)", "12.00", "(3.10)"), ["`negatives: parentheses`"]),
        (("123-", "12", "14-"), ["`negatives: trailing`"]),
        (("1,234", "5,678"), ['`thousands: ","`', '`decimal: ","`']),
        (("1.2k", "3.4k", "1M"), ["write them out in the source"]),
        (("12 ms", "1 s"), ["convert them to one unit"]),
        (("2,5", "2.5", "3,5"), ["write them in one in the source"]),
        (("31/12/2025", "01/02/2025"), ["`date_format: '%d/%m/%Y'`"]),
        (("12/31/2025", "01/02/2025"), ["`date_format: '%m/%d/%Y'`"]),
        (("01/02/2025", "03/04/2025"), ["'%d/%m/%Y'", "'%m/%d/%Y' if the month stands first"]),
        (("31.12.2025 14:30", "01.01.2026 09:00"), ["`date_format: '%d.%m.%Y %H:%M'`"]),
        (("Dec 31, 2025", "Jan 1, 2026"), ["`date_format: '%b %d, %Y'`"]),
        (("31-Dec-2025", "01-Jan-2026"), ["`date_format: '%d-%b-%Y'`"]),
        (("31/Dec/2025:14:30:00 +0000",), ["`date_format: '%d/%b/%Y:%H:%M:%S %z'`"]),
        (("20251231", "20260101"), ["`date_format: '%Y%m%d'`"]),
        (("14:30", "08:15"), ["`date_format: '%H:%M'`"]),
        (("31/12/2025", "12/31/2025"), ["write them in ISO 8601"]),
        (("2025-12-31", "soon", "2025-12-30"), ["row 1 holds 'soon'", "`null_values`"]),
        (('{"cpu": 1}', '{"cpu": 2}'), ["`fields: {betrag_cpu: betrag.cpu}`"]),
        (("[1, 2]", "[3, 4]"), ["`fields: {betrag_0: betrag.0}`"]),
    ],
)
def test_a_named_column_of_quantities_is_refused_with_what_to_set(texts, settings):
    with pytest.raises(DetectorError, match="column 'betrag' holds") as caught:
        fit_column(column(*texts), named=True)
    for setting in settings:
        assert setting in str(caught.value)
    reason = fit_column(column(*texts), named=False)
    assert isinstance(reason, str)
    assert settings[0] in reason
    assert describe_column(column(*texts), named=False).startswith("not read: ")


@pytest.mark.parametrize(
    "texts",
    [
        ("DE", "AT", "DE"),
        ("S", "M", "L", "S"),
        ("2XL", "3XL", "2XL"),
        ("A1", "B2", "A1"),
        ("1A", "2B", "1A", "3C"),
        ("1.2.3", "1.2.10", "1.2.3"),
        ("192.168.1.10", "192.168.101.200", "192.168.1.10"),
        ("192.168.101.110", "192.168.101.200", "192.168.101.110"),
        ("00:1A:2B", "00:1A:2C", "00:1A:2B"),
        ("550e8400-e29b", "650e8400-e29b", "550e8400-e29b"),
        ("030 123 456", "030 222 333", "030 123 456"),
        ("D-10115", "D-10117", "D-10115"),
        ("123 45", "111 22", "123 45"),
        ("10-20", "20-30", "10-20"),
        ("3:1", "2:1", "3:1"),
        ("1/2", "3/4", "1/2"),
        ("LH 123", "LH 400", "LH 123"),
        ("2025-Q4", "2025-Q3", "2025-Q4"),
        ("May 12", "Jun 3", "May 12"),
        ("1st", "2nd", "1st"),
        ("0x1F", "0x2A", "0x1F"),
        ("yes", "no", "yes"),
        ("other", "other", "other", "1,5"),
    ],
)
def test_codes_and_words_that_are_named_are_categories(texts):
    assert find_notation(column(*texts)) is None
    assert isinstance(fit_column(column(*texts), named=True), CategoryColumn)


def test_the_example_is_named_with_its_row_and_missing_values_are_no_text():
    notation = find_notation(column(None, "3", "2.402,38", "1,5"))
    assert notation is not None
    assert (notation.example, notation.row) == ("2.402,38", 2)


def test_a_column_that_is_mostly_a_word_is_one_of_numbers_if_the_others_are_many():
    texts = ["off"] * 90 + [f"{number},5" for number in range(10)]
    with pytest.raises(DetectorError, match='set `decimal: ","`'):
        fit_column(column(*texts), named=True)
    plain = ["off"] * 90 + [f"{number}.5" for number in range(10)]
    with pytest.raises(DetectorError, match=r"row 0 .* holds 'off'.*`null_values`"):
        fit_column(column(*plain), named=True)


def test_the_minus_sign_of_typography_is_one():
    fitted = fit_column(column("\u22123.5", "2"), named=True)
    assert isinstance(fitted, NumericColumn)
    assert fitted.encode(column("\u22124"))[0].tolist() == [[-4.0]]


def test_a_table_leaves_an_unnamed_amount_out_with_the_setting():
    frame = pd.DataFrame({"x": [1, 2, 3], "betrag": ["1.234,50", "2,50", "3,25"]})
    encoder = FeatureEncoder.fit(frame, ColumnRoles())
    assert [one.name for one in encoder.columns] == ["x"]
    assert encoder.left_out["betrag"] == (
        "numbers with a decimal comma and '.' between thousands, such as '1.234,50' in row 0: "
        'set `decimal: ","` and `thousands: "."` in the source'
    )


def test_a_stream_names_the_notation_of_a_column_it_cannot_watch():
    frame = pd.DataFrame({"x": [1.0, 2.0], "betrag": ["$3", "$4"]})
    with pytest.raises(DetectorError, match=r"'betrag' holds numbers with '\$'.*set `strip:"):
        StreamColumns.choose(frame, ColumnRoles(features=("betrag",)), None)


def test_a_stream_takes_numbers_that_are_texts_in_a_column_that_is_named():
    frame = pd.DataFrame({"price": ["94.93", None, "95"]})
    columns = StreamColumns.choose(frame, ColumnRoles(features=("price",)), None)
    assert columns.matrix(frame)[[0, 2], 0].tolist() == [94.93, 95.0]
