import logging
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
