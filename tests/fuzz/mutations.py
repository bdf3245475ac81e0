"""Inputs that are almost right: valid ones with a few bytes, or a few values, changed."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

TOKENS = [
    b",", b";", b'"', b"''", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\t", b" ", b"\\", b"{", b"}",
    b"[", b"]", b"[]", b"{}", b":", b"null", b"NaN", b"-Infinity", b"true", b"1e999", b"-0",
    b"9" * 30, b"0x1F", b"2024-13-45", b"2024-01-31T10:00:00Z", b'"\\ud800"', b"\xff", b"\xc3",
    b"\xef\xbb\xbf", b"\xff\xfe", "\u202e\u2028é".encode(), b"&a ", b"*a", b"!!binary ",
    b"!!python/name:os.system ", b"<<: ", b"? ", b"- ", b"# ", b"---\n", b"| ", b"PAR1",
    b"\x1f\x8b",     b'""', b'"a" x', b"\x80\x80\x80\x80\x08",
]  # fmt: skip

Part = tuple[str, float, float, bytes]
_positions = st.floats(0, 1, exclude_max=True)
_parts: st.SearchStrategy[Part] = st.tuples(
    st.sampled_from(["flip", "cut", "end", "insert", "repeat", "splice"]),
    _positions,
    _positions,
    st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4)),
)


def fuzzed(examples: int) -> settings:
    """Settings of a test that runs the same inputs each time, none of them for long."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=timedelta(minutes=5),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


@st.composite
def mutated(draw: st.DrawFn, valid: Sequence[bytes], ends: int = 0) -> bytes:
    """One of the valid inputs after one to four changes.

    Args:
        draw: of hypothesis.
        valid: what to begin with, and what splices are taken from.
        ends: bytes at either end in which half of the changes are made, for formats that keep what
            matters there.
    """
    data = draw(st.sampled_from(valid))
    for part in draw(st.lists(_parts, min_size=1, max_size=4)):
        data = _changed(data, part, draw(st.sampled_from(valid)), ends)
    return data


def _changed(data: bytes, part: Part, other: bytes, ends: int) -> bytes:
    how, first, second, token = part
    at, to = sorted((_place(first, len(data), ends), _place(second, len(data), ends)))
    match how:
        case "flip" if data:
            return data[:at] + bytes([data[at] ^ (1 << int(second * 8))]) + data[at + 1 :]
        case "cut":
            return data[:at] + data[to:]
        case "end":
            return data[:to]
        case "repeat":
            return data[:to] + data[at : at + 200] + data[to:]
        case "splice":
            start = int(second * len(other))
            return data[:at] + other[start : start + 50] + data[at:]
        case _:
            return data[:at] + token + data[at:]


def _place(position: float, length: int, ends: int) -> int:
    if not ends or length <= 2 * ends or position < 0.5:
        return int(position * length)
    return length - 1 - int((position - 0.5) * 2 * ends)


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["", "{env:", "{env:NO}", "{secret:x}", "a\0b", "\ud800", "s3://", "http://["]),
        st.sampled_from([-1, 0, 10**30, 1e308, float("nan")]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


@st.composite
def misconfigured(draw: st.DrawFn, valid: Sequence[dict[str, object]]) -> dict[str, object]:
    """One of the valid configurations with one to three fields replaced, added or left out."""
    fields = dict(draw(st.sampled_from(valid)))
    names = sorted({name for other in valid for name in other})
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.one_of(st.sampled_from(names), st.text(max_size=6)))
        if draw(st.booleans()):
            fields[name] = draw(json_values)
        else:
            fields.pop(name, None)
    return fields
