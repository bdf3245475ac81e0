import json
import logging
import traceback
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.config import parse_source_config
from sources.errors import SourceError
from sources.secrets import SecretResolver


def test_references_are_replaced_by_their_values(monkeypatch):
    monkeypatch.setenv("USER_NAME", "ada")
    resolver = SecretResolver({"db-password": "hunter2"}.__getitem__)
    text = "{env:USER_NAME}:{secret:db-password} {other:thing}"
    assert resolver.resolve(text) == "ada:hunter2 {other:thing}"


@pytest.mark.parametrize(("value", "state"), [(None, "not set"), ("", "empty")])
def test_a_variable_without_a_value_is_named(monkeypatch, value, state):
    monkeypatch.delenv("MISSING", raising=False)
    if value is not None:
        monkeypatch.setenv("MISSING", value)
    with pytest.raises(SourceError, match=f"environment variable MISSING is {state}: set it"):
        SecretResolver().resolve("{env:MISSING}")


def test_a_block_needs_something_that_looks_it_up():
    with pytest.raises(SourceError, match=r"{secret:api-key} names a Prefect secret block"):
        SecretResolver().resolve("{secret:api-key}")


@pytest.mark.parametrize(
    "name", ["VIGIL_SIGNING_KEY", "vigil_signing_key", "Vigil_Database_Url", "PREFECT_API_KEY"]
)
def test_settings_of_vigil_and_prefect_are_no_secrets_of_a_source(monkeypatch, name):
    monkeypatch.setenv(name, "never-sent")
    why = f"{{env:{name}}} refers to a setting of Vigil or Prefect, which is never sent"
    with pytest.raises(SourceError, match=why):
        SecretResolver().resolve(f"x={{env:{name}}}")
    with pytest.raises(SourceError, match=why):
        SecretResolver().resolve_url(f"http://host/?x={{env:{name}}}")
    for kind, fields in (
        ("http", {"url": f"http://host/?x={{env:{name}}}"}),
        ("http", {"url": "http://host/", "headers": {"X-Key": f"a{{env:{name}}}"}}),
        ("http", {"url": "http://host/", "params": {"key": f"{{env:{name}}}"}}),
        ("sql", {"url": f"postgresql://u:{{env:{name}}}@host/db", "table": "t"}),
        ("csv", {"path": f"/data/{{env:{name}}}.csv"}),
        ("csv", {"path": "s3://a/b.csv", "storage_options": {"client": {"q": f"{{env:{name}}}"}}}),
    ):
        with pytest.raises(SourceError, match=why):
            parse_source_config(kind, fields)


def test_a_variable_that_is_only_called_alike_may_be_used(monkeypatch):
    monkeypatch.setenv("MY_VIGIL_TOKEN", "hunter2")
    assert SecretResolver().resolve("{env:MY_VIGIL_TOKEN}") == "hunter2"


def test_a_secret_that_comes_back_in_another_form_is_not_shown(monkeypatch):
    secret = 'Pa55"wörd/Long+Enough'
    monkeypatch.setenv("LONG_KEY", secret)
    resolver = SecretResolver()
    resolver.resolve("{env:LONG_KEY}")
    basic = [f"{'u' * length}:{secret}:{'x' * length}" for length in range(3)]
    forms = [
        secret.upper(),
        secret.lower(),
        quote(secret, safe=""),
        quote(secret, safe="").lower(),
        json.dumps(secret)[1:-1],
        *(b64encode(text.encode()).decode() for text in basic),
        *(urlsafe_b64encode(text.encode()).decode() for text in basic),
    ]
    for form in forms:
        shown = resolver.redact(f"said <{form}>")
        assert "{env:LONG_KEY}" in shown
        assert len(shown) < len("said <{env:LONG_KEY}>") + 2 * 8
        assert "a55" not in shown.lower()


def test_what_was_resolved_is_shown_as_its_reference(monkeypatch):
    monkeypatch.setenv("SHORT", "hunter")
    monkeypatch.setenv("LONG", "hunter2")
    resolver = SecretResolver()
    resolver.resolve("{env:SHORT}{env:LONG}")
    assert resolver.redact("no hunter2, no hunter") == "no {env:LONG}, no {env:SHORT}"


def test_the_spellings_in_which_a_driver_may_quote_a_secret_are_redacted(monkeypatch):
    monkeypatch.setenv("ODD", "p@ss w/rd'\n")
    resolver = SecretResolver()
    resolver.resolve("{env:ODD}")
    for spelling in ("p%40ss%20w%2Frd%27", "p%40ss+w%2Frd%27", repr(b"p@ss w/rd'\n"), "p@ss w/rd'"):
        assert "rd" not in resolver.redact(spelling)


def test_a_password_inside_an_address_is_encoded(monkeypatch):
    monkeypatch.setenv("PASSWORD", "p@ss/w:rd")
    resolved = SecretResolver().resolve_url("postgresql://u:{env:PASSWORD}@h/db")
    assert resolved == "postgresql://u:p%40ss%2Fw%3Ard@h/db"


def test_a_part_of_a_path_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("PART", "a/b c")
    resolver = SecretResolver()
    assert resolver.resolve_url("sqlite:///{env:PART}/x.db") == "sqlite:///a/b c/x.db"
    assert resolver.resolve_url("http://h/{env:PART}?q={env:PART}") == "http://h/a/b c?q=a%2Fb%20c"
    monkeypatch.setenv("BASE", "http://h")
    assert resolver.resolve_url("{env:BASE}?q={env:PART}") == "http://h?q=a%2Fb%20c"


def test_an_address_that_is_a_secret_as_a_whole_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ss@h/db")
    resolver = SecretResolver()
    assert resolver.resolve_url("{env:DATABASE_URL}?x=1") == "postgresql://u:p%40ss@h/db?x=1"
    assert resolver.redact("password p@ss, or p%40ss") == (
        "password {env:DATABASE_URL}, or {env:DATABASE_URL}"
    )


def test_logs_are_redacted_while_it_matters(monkeypatch, caplog):
    monkeypatch.setenv("TOKEN", "hunter2")
    resolver = SecretResolver()
    logger = logging.getLogger("some.library")
    with caplog.at_level(logging.INFO), resolver.redacted_logs("some.library"):
        resolver.resolve("{env:TOKEN}")
        logger.info("GET %s", "http://h?token=hunter2")
    assert caplog.messages == ["GET http://h?token={env:TOKEN}"]
    assert logger.filters == []


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_no_value_survives_redaction(value):
    resolver = SecretResolver(lambda _: value)
    resolver.resolve("{secret:s}")
    redacted = resolver.redact(f"before {value} after")
    assert value.strip() not in redacted.replace("{secret:s}", "")


def test_a_resolver_shows_nothing_of_itself(monkeypatch):
    monkeypatch.setenv("TOKEN", "hunter2")
    resolver = SecretResolver()
    resolver.resolve("{env:TOKEN}")
    assert "hunter2" not in repr(resolver)
    with pytest.raises(SourceError) as caught:
        resolver.resolve("{env:TOKEN}{env:NOT_SET_ANYWHERE}")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
