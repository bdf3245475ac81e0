import pytest

from detectors.online.aliases import ALGORITHMS
from detectors.registry import algorithms, online_algorithms


def test_every_algorithm_is_listed_the_default_first(vigil):
    names = [info.name for info in algorithms()]
    listed = vigil("algorithms").out
    assert all(name in listed for name in names)
    assert f"The default is {names[0]}." in listed
    document = vigil("algorithms", "--json").json
    assert [item["name"] for item in document["items"]] == names
    assert document["total"] == len(names)


@pytest.mark.parametrize("info", algorithms(), ids=lambda info: info.name)
def test_an_algorithm_is_described_with_all_its_parameters(vigil, info):
    told = " ".join(vigil("algorithms", info.name).out.split())
    for words in (info.display_name, info.best_for, *info.pros, *info.cons):
        assert words in told
    for parameter in info.parameters:
        assert parameter.name in told
        assert parameter.description in told
    document = vigil("algorithms", info.name, "--json").json
    assert [item["name"] for item in document["parameters"]] == [
        parameter.name for parameter in info.parameters
    ]


def test_a_misspelt_algorithm_is_answered_with_those_there_are(vigil):
    wrong = vigil("algorithms", "isolation_florest")
    assert wrong.code == 1
    assert "did you mean 'isolation_forest' or " in wrong.err


def test_online_detectors_are_listed_and_described_apart(vigil):
    names = [info.name for info in online_algorithms()]
    listed = vigil("algorithms", "--online").out
    assert all(name in listed for name in names)
    assert "isolation_forest " not in listed.replace("windowed_isolation_forest", "")
    document = vigil("algorithms", "--online", "--json").json
    assert [item["name"] for item in document["items"]] == names
    for info in online_algorithms():
        told = " ".join(vigil("algorithms", "--online", info.name).out.split())
        assert f"{info.default_threshold:g}, if you choose no other" in told
        assert all(parameter.description in told for parameter in info.parameters)


def test_an_online_detector_is_described_by_another_of_its_names(vigil):
    document = vigil("algorithms", "--online", "zscore_rolling", "--json").json
    assert document["name"] == "rolling_zscore"
    assert document["default_threshold"] == 4.0


@pytest.mark.parametrize("info", online_algorithms(), ids=lambda info: info.name)
def test_an_online_detector_is_described_without_saying_that_it_is_one(vigil, info):
    assert vigil("algorithms", info.name).out == vigil("algorithms", "--online", info.name).out
    assert "for streams, row by row" in vigil("algorithms", info.name).out
    assert vigil("algorithms", info.name, "--json").json["name"] == info.name


@pytest.mark.parametrize(("alias", "name"), ALGORITHMS.items())
def test_another_name_of_an_online_detector_is_known_too(vigil, alias, name):
    assert vigil("algorithms", alias, "--json").json["name"] == name


def test_a_misspelt_online_detector_is_answered_with_the_near_ones_of_both_kinds(vigil):
    for words in (("value_gab",), ("--online", "value_gab")):
        wrong = vigil("algorithms", *words)
        assert wrong.code == 1
        assert "did you mean 'value_gap'?" in wrong.err
    assert "did you mean 'rolling_zscore'?" in vigil("algorithms", "zscore_roling").err
    wrong = vigil("algorithms", "windowed_isolation_forrest")
    assert "'windowed_isolation_forest'" in wrong.err


def test_an_algorithm_for_tables_is_not_taken_for_one_of_streams(vigil):
    wrong = vigil("algorithms", "--online", "isolation_forest")
    assert wrong.code == 1
    assert "isolation_forest is an algorithm for tables: leave --online out" in wrong.err
