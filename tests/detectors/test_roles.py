import pandas as pd
import pytest

from detectors.errors import DetectorError
from detectors.roles import ColumnRoles, check_table

FRAME = pd.DataFrame({"id": [1, 2], "at": [3, 4], "amount": [5, 6], "fraud": [0, 1]})


@pytest.mark.parametrize(
    ("roles", "problem"),
    [
        (ColumnRoles(features=("amuont",)), "`columns` names 'amuont'.*did you mean 'amount'?"),
        (ColumnRoles(keys=("id", "zz")), "`key_columns` names 'zz'.*expected one of id, at, am"),
        (ColumnRoles(cursor="att"), "`cursor_column` names 'att'.*did you mean 'at'?"),
        (ColumnRoles(label="frad"), "`label_column` names 'frad'.*did you mean 'fraud'?"),
    ],
)
def test_a_column_that_is_not_there_is_said_with_what_names_it(roles, problem):
    with pytest.raises(DetectorError, match=problem):
        check_table(FRAME, roles)


def test_a_cursor_is_not_asked_for_where_features_are_named():
    check_table(FRAME[["amount"]], ColumnRoles(features=("amount",), cursor="at"))


def test_features_labels_and_keys_are_what_has_to_be_read():
    roles = ColumnRoles(features=("amount", "id"), keys=("id",), cursor="at", label="fraud")
    assert roles.needed == ("amount", "id", "fraud")
    assert ColumnRoles(keys=("id",)).needed is None


def test_many_columns_are_not_all_listed():
    wide = pd.DataFrame([range(500)] * 2, columns=[f"c{i}" for i in range(500)])
    with pytest.raises(DetectorError, match=r"c11 and 488 more$") as caught:
        check_table(wide, ColumnRoles(keys=("none like it",)))
    assert len(str(caught.value)) < 200


def test_two_columns_of_one_name_are_refused():
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=["x", "x"])
    with pytest.raises(DetectorError, match="two columns are named x: rename"):
        check_table(frame, ColumnRoles())


@pytest.mark.parametrize("name", [0, None, ("a", "b"), 1.5])
def test_columns_are_named_by_text(name):
    frame = pd.DataFrame([[1, 2], [3, 4]])
    frame.columns = pd.Index(["x", name], tupleize_cols=False)
    with pytest.raises(DetectorError, match="should be text: rename it"):
        check_table(frame, ColumnRoles())


def test_the_label_cannot_be_a_feature():
    with pytest.raises(DetectorError, match=r"'fraud' holds the labels.*take it out"):
        check_table(FRAME, ColumnRoles(features=("amount", "fraud"), label="fraud"))
