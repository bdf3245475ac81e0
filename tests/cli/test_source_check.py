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


def test_each_column_is_shown_as_what_it_is_read_with_what_to_set(vigil, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,menge,betrag,wort\n1,1,"2.402,38",a\n2,2,"12,50",b\n')
    words = ("--set", f"path={path}", "--key-column", "id")
    vigil("sources", "add", "german", "--kind", "csv", *words)
    checked = vigil("sources", "check", "german", "--json").json
    read_as = {column["name"]: column["read_as"] for column in checked["columns"]}
    assert read_as["menge"] == "numbers"
    assert read_as["wort"] == "left out: not numeric (str); name it to use it"
    assert read_as["betrag"].startswith("not read: numbers with a decimal comma and '.' between")
    assert "betrag is not read: numbers" in vigil("sources", "check", "german").out
    settings = ("--set", "decimal=,", "--set", "thousands=.")
    vigil("sources", "add", "read", "--kind", "csv", *words, *settings)
    checked = vigil("sources", "check", "read", "--json").json
    assert [row["betrag"] for row in checked["rows"]] == [2402.38, 12.5]


def test_a_space_and_a_path_are_set_on_the_command_line(vigil, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"m": {"cpu": "1 234"}}\n{"m": {"cpu": "5"}}\n')
    settings = ("--set", f"path={path}", "--set", "thousands= ", "--set", "fields.cpu=m.cpu")
    vigil("sources", "add", "feed", "--kind", "jsonl", *settings)
    checked = vigil("sources", "check", "feed", "--json").json
    assert checked["rows"] == [{"cpu": 1234.0}, {"cpu": 5.0}]
