def test_the_first_rows_are_shown_with_columns_types_and_roles(vigil, orders):
    checked = vigil("sources", "check", orders)
    assert checked.code == 0
    assert "10 rows tried, 4 columns" in checked.out
    assert "amount  float64" in checked.out
    assert "order-2" in checked.out
    assert "order-3" not in checked.out


def test_json_has_all_ten_rows(vigil, orders):
    checked = vigil("sources", "check", orders, "--json").json
    assert checked["rows_read"] == 10
    assert checked["columns"][0] == {
        "name": "id", "dtype": "str", "role": "key", "read_as": "key"
    }  # fmt: skip
    assert [row["id"] for row in checked["rows"]] == [f"order-{i}" for i in range(10)]


def test_what_is_wrong_with_a_file_is_said(vigil, orders, orders_file):
    orders_file.unlink()
    checked = vigil("sources", "check", orders)
    assert checked.code == 1
    assert str(orders_file) in checked.err.splitlines()[-1]
    assert checked.err.splitlines()[-1].startswith("vigil: ")


def test_a_declared_column_that_is_not_there_is_named(vigil, orders_file):
    words = ("--set", f"path={orders_file}", "--label-column", "citi")
    vigil("sources", "add", "labelled", "--kind", "csv", *words)
    checked = vigil("sources", "check", "labelled")
    assert checked.code == 1
    assert "declares label_column citi" in checked.err
    assert "did you mean `city`?" in checked.err
