import pytest
from pydantic import ValidationError

from models.tables.source import Source
from settings import Settings, get_settings
from sources.errors import SourceError
from tasks.read_source import read_source


def test_every_setting_has_a_description():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_roots_are_a_json_list(monkeypatch):
    assert Settings().file_roots is None
    monkeypatch.setenv("VIGIL_FILE_ROOTS", '["/data", "s3://lake/in"]')
    assert Settings().file_roots == ("/data", "s3://lake/in")
    assert Settings(file_roots=()).file_roots == ()


@pytest.mark.parametrize("text", ["/data", "", '"/data"', "[1]", '[""]', "{}"])
def test_other_roots_are_refused_rather_than_none(monkeypatch, text):
    monkeypatch.setenv("VIGIL_FILE_ROOTS", text)
    with pytest.raises(ValidationError, match="file_roots"):
        Settings()


@pytest.mark.usefixtures("vigil_home")
@pytest.mark.parametrize(
    ("kind", "config", "name", "value"),
    [
        ("csv", {"path": "/etc/passwd"}, "VIGIL_FILE_ROOTS", '["/data"]'),
        ("http", {"url": "http://127.0.0.1:1/"}, "VIGIL_HTTP_ALLOW_PRIVATE", "false"),
    ],
)
def test_what_may_be_read_holds_for_registered_sources(monkeypatch, kind, config, name, value):
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    with pytest.raises(SourceError, match=name):
        read_source(Source(name="x", kind=kind, config=config))
