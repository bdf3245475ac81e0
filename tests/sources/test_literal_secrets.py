import time
from contextlib import suppress

import pytest

from sources.config import parse_source_config
from sources.errors import SourceError
from sources.literal_secrets import (
    hide_query_secrets,
    is_secret_name,
    refuse_literal_secrets_in_url,
)
from sources.secrets import SecretResolver, check_references

REFUSED = [
    ("sql", {"url": "postgresql://u:hunter2@h/db", "table": "t"}),
    ("sql", {"url": "postgresql://u:hunter2@h@h/db", "table": "t"}),
    ("sql", {"url": "postgresql://u:x/hunter2@h/db", "table": "t"}),
    ("sql", {"url": "postgresql://u:x?hunter2@h/db", "table": "t"}),
    ("sql", {"url": "postgresql://u?:hunter2@h/db", "table": "t"}),
    ("sql", {"url": "postgresql://u:hunter2{env:A}@h/db", "table": "t"}),
    ("sql", {"url": "postgresql://u@h/db?password=hunter2", "table": "t"}),
    ("sql", {"url": "mssql+pyodbc:///?odbc_connect=UID%3Du%3BPWD%3Dhunter2", "table": "t"}),
    ("http", {"url": "https://u:hunter2@h/x"}),
    ("http", {"url": "https://hunter2@h/x"}),
    ("http", {"url": "HTTPS://u:hunter2@h/x"}),
    ("http", {"url": "https://h/x?api_key=hunter2"}),
    ("http", {"url": "https://h/x?a=1&X-Amz-Signature=hunter2#top"}),
    ("http", {"url": "{env:BASE}/x?access_token=hunter2"}),
    ("http", {"url": "https://h", "params": {"apiKey": "hunter2"}}),
    ("http", {"url": "https://h", "params": {"token": "hunter2{env:A}"}}),
    ("http", {"url": "https://h", "headers": {"Authorization": "Bearer hunter2"}}),
    ("http", {"url": "https://h", "headers": {"x-api-key": "hunter2"}}),
    ("http", {"url": "https://h", "headers": {"Cookie": "session=hunter2"}}),
    ("http", {"url": "https://h", "headers": {"X-Auth-Token": "hunter2"}}),
    ("csv", {"path": "s3://b/a.csv", "storage_options": {"secret": "hunter2"}}),
    ("csv", {"path": "s3://u:hunter2@b/a.csv"}),
    (
        "parquet",
        {"path": "s3://b", "storage_options": {"client_kwargs": {"aws_session_token": "hunter2"}}},
    ),
    ("csv", {"path": "abfs://b/a.csv", "storage_options": {"connection_string": "K=hunter2"}}),
]


@pytest.mark.parametrize(("kind", "fields"), REFUSED)
def test_a_literal_secret_is_refused_without_repeating_it(kind, fields):
    with pytest.raises(SourceError) as caught:
        parse_source_config(kind, fields)
    assert "{env:NAME}" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


ALLOWED = [
    ("sql", {"url": "postgresql://u:{env:DB_PASSWORD}@h:5432/db", "table": "t"}),
    ("sql", {"url": "postgresql://{env:DB_USER}:{secret:db-password}@h/db", "table": "t"}),
    ("sql", {"url": "postgresql://u@h/db?sslmode=require&password={env:P}", "table": "t"}),
    ("sql", {"url": "{env:DATABASE_URL}", "query": "select 1"}),
    ("http", {"url": "http://localhost:8080/@orders"}),
    ("http", {"url": "https://h/users/@me?sort_key=id&author=x&page_token=abc"}),
    ("http", {"url": "https://h", "params": {"token": "{env:TOKEN}", "max_tokens": "5"}}),
    ("http", {"url": "https://h", "headers": {"Authorization": "Bearer {env:TOKEN}"}}),
    ("http", {"url": "https://h", "headers": {"Accept-Language": "en", "X-Monkey": "1"}}),
    ("csv", {"path": "gs://b/a.csv", "storage_options": {"token": "anon", "project": "p"}}),
    ("csv", {"path": "s3://b/a.csv", "storage_options": {"key": "{env:K}", "anon": False}}),
    ("csv", {"path": "data/a:b@c.csv"}),
]


@pytest.mark.parametrize(("kind", "fields"), ALLOWED)
def test_references_and_harmless_values_are_taken_as_they_are(kind, fields):
    config = parse_source_config(kind, fields)
    for name, value in fields.items():
        assert getattr(config, name) == value


def test_the_refusal_shows_the_reference_to_use():
    with pytest.raises(SourceError, match=r"e\.g\. postgresql://user:{env:NAME}@host"):
        parse_source_config("sql", {"url": "postgresql://u:hunter2@h/db", "table": "t"})
    with pytest.raises(SourceError, match=r"e\.g\. Authorization: Bearer {env:NAME}"):
        parse_source_config("http", {"url": "http://h", "headers": {"Authorization": "hunter2"}})


@pytest.mark.parametrize("name", ["api_key", "apiKey", "X-API-Key", "sig", "client_secret", "pwd"])
def test_names_of_secrets_are_known_in_any_spelling(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["page", "keyword", "max_tokens", "nextPageToken", "signal"])
def test_names_that_only_look_alike_are_no_secrets(name):
    assert not is_secret_name(name)


def test_shown_addresses_have_no_user_and_no_secret_parameters():
    shown = hide_query_secrets("https://u:p@h/x?a=1&api_key=hunter2&b=2&token=hunter2#end")
    assert shown == "https://h/x?a=1&api_key=***&b=2&token=***#end"


@pytest.mark.parametrize("text", ["?", "&", "?a", "://", "@", ":", "=", "{env:", "%", "//:@?&"])
@pytest.mark.parametrize(
    "check",
    [
        hide_query_secrets,
        refuse_literal_secrets_in_url,
        is_secret_name,
        check_references,
        SecretResolver().redact,
    ],
)
def test_the_checks_of_secrets_take_time_in_proportion_to_the_length(check, text):
    def seconds(length: int) -> float:
        address = f"http://host/{text * (length // len(text))}"
        begun = time.process_time()
        with suppress(ValueError):
            check(address)
        return time.process_time() - begun

    # Ten times the length takes a hundred times as long where it is quadratic: minutes, here.
    assert seconds(300_000) < 20 * min(seconds(30_000) for _ in range(3)) + 1.0
