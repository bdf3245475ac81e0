import pytest

from detectors.registry import algorithms


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
    assert "did you mean 'isolation_forest'?" in wrong.err
