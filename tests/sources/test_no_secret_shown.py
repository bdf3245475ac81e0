"""No reader shows a secret, wherever it stood and whatever goes wrong."""

import logging
import traceback
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError
from sources.readers import open_reader
from sources.secrets import SecretResolver

S = "{secret:s}"
LIMITS = ReadLimits(retries=0, timeout_seconds=5, backoff_seconds=0.001)
# Long enough not to be part of a message by chance, of characters that are written in many ways.
SECRETS = st.text(alphabet="hunterZQ47 /+%&=?#@:'\"\\<>{}é\n", min_size=10, max_size=24).filter(
    lambda text: len(text.strip()) >= 8 and "{" not in text.strip()[:1]
)

FAILING = [
    ("csv", {"path": f"/nowhere/{S}/a.csv"}),
    ("csv", {"path": f"memory://{S}/a.csv", "storage_options": {"token": S}}),
    ("csv", {"path": f"no-such-store://{S}", "storage_options": {"key": {"secret": S}}}),
    ("csv", {"path": S}),
    ("json", {"path": f"file:///nowhere/{S}"}),
    ("jsonl", {"path": f"/nowhere/{S}.gz"}),
    ("parquet", {"path": f"/nowhere/{S}"}),
    ("parquet", {"path": "local:///nowhere", "storage_options": {"password": S, "nonsense": S}}),
    ("sql", {"url": f"sqlite:///{S}", "table": "t"}),
    ("sql", {"url": S, "table": "t"}),
    ("sql", {"url": f"postgresql://u:{S}@127.0.0.1:1/d", "table": "t"}),
    ("sql", {"url": f"postgresql://u@127.0.0.1:1/d?sslpassword={S}", "query": "SELECT 1"}),
    ("sql", {"url": f"postgresql://u@127.0.0.1:1/d?nonsense={S}", "query": "SELECT 1"}),
    ("sql", {"url": f"mysql+nothing://u:{S}@h/d", "table": "t"}),
    ("http", {"url": f"http://u:{S}@127.0.0.1:1/x"}),
    ("http", {"url": f"http://127.0.0.1:1/{S}"}),
    ("http", {"url": f"http://127.0.0.1:1/?q={S}", "params": {"token": S}}),
    ("http", {"url": S}),
]


def everything_shown(kind, fields, secret, caplog):
    """What an error, its trace, the logs and the reader itself say when reading fails."""
    secrets = SecretResolver(lambda _: secret)
    reader = open_reader(parse_source_config(kind, fields), LIMITS, secrets)
    caplog.clear()
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as caught:
        reader.read(["no such column"])
    trace = "".join(traceback.format_exception(caught.value))
    return f"{caught.value!r} {trace} {caplog.text} {reader!r} {secrets!r}"


def check_hidden(secret, shown):
    bare = secret.strip()
    for spelling in {bare, quote(bare), quote(bare, safe=""), quote_plus(bare), repr(bare)[1:-1]}:
        assert spelling not in shown


bounded = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize(("kind", "fields"), FAILING)
@bounded
@given(secret=SECRETS)
@example(secret="hunter2/+ &?#@:'\"\\é")
def test_no_secret_is_shown_where_nothing_can_be_read(kind, fields, secret, caplog):
    check_hidden(secret, everything_shown(kind, fields, secret, caplog))


@bounded
@given(
    secret=SECRETS,
    status=st.sampled_from([200, 302, 304, 401, 404, 429, 500, 503]),
    body=st.sampled_from(["{0}", "<html>{0}", '["{0}"]', '[{{"{0}": 1}}]', '{{"{0}": [{{}}]}}']),
)
def test_no_secret_is_shown_where_a_server_repeats_it(http_server, caplog, secret, status, body):
    http_server.reset()
    location = f"http://elsewhere/{quote(secret)}?token={quote(secret)}"
    http_server.answer(
        "/orders",
        body=body.format(secret).encode(),
        status=status,
        headers={"Location": location} if status == 302 else {},
    )
    fields = {
        "url": f"{http_server.url.replace('//', f'//u:{S}@')}/orders",
        "params": {"token": S},
        "headers": {"X-Api-Key": "Bearer {env:HOME}"},
    }
    check_hidden(secret, everything_shown("http", fields, secret, caplog))
