"""Any cutting of a table into chunks, added up in any grouping, gives the same to the bit."""

from functools import cache, reduce
from itertools import pairwise
from operator import add

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.batch.knn import KnnConfig
from detectors.batch.statistical import StatisticalConfig
from detectors.chunks.chunk_scores import score_chunk
from detectors.chunks.digests import fingerprint_of
from detectors.chunks.learnt_table import learn_table, profile_tally
from detectors.chunks.parts import cut_parts
from detectors.chunks.table_tally import tally_chunk
from detectors.detection import draw_sample, prepare_table, score_table
from detectors.errors import DetectorError
from detectors.profile import profile_table
from detectors.roles import ColumnRoles
from detectors.threshold import Contamination, FalseAlarm, Fixed

N_ROWS = 120
ROLES = ColumnRoles(label="odd")


def table(seed: int) -> pd.DataFrame:
    """Columns of each kind, with gaps, infinities and extremes."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "x": random.normal(1e9, 1, N_ROWS),
            "gaps": np.where(random.random(N_ROWS) < 0.1, np.nan, random.integers(0, 9, N_ROWS)),
            "far": random.choice([1.0, 2.0, np.inf, -np.inf, 1e300, -1e300], N_ROWS),
            "day": random.choice([20240131.0, 20240228.0], N_ROWS),
            "same": 3,
            "city": random.choice(["Bonn", "Ulm", None], N_ROWS),
            "at": pd.date_range("2024-01-01", periods=N_ROWS, freq="7h", unit="us"),
            "odd": random.choice([0.0, 1.0, np.nan], N_ROWS),
        }
    )


def cut(frame: pd.DataFrame, places: list[int]) -> list[pd.DataFrame]:
    """Chunks as readers cut them: a number without a gap in a chunk is an integer there."""
    edges = [0, *sorted(set(places) - {0, len(frame)}), len(frame)]
    chunks = []
    for first, last in pairwise(edges):
        chunk = frame.iloc[first:last].copy()
        if "gaps" in chunk and not chunk["gaps"].isna().any():
            chunk["gaps"] = chunk["gaps"].astype("int64")
        chunk.index = pd.RangeIndex(first, last)
        chunks.append(chunk)
    return chunks


def summed(parts: list, grouping: int):
    """Add up, some of them first to each other."""
    middle = grouping % len(parts)
    halves = [part for part in (parts[:middle], parts[middle:]) if part]
    return reduce(add, [reduce(add, half) for half in halves])


def detect(chunks, grouping, roles=ROLES, missing="impute", config=None, policy=None, size=60):
    sample = draw_sample(sum(map(len, chunks)), size, 1)
    tally = summed([tally_chunk(roles, sample, chunk) for chunk in chunks], grouping)
    config, policy = config or StatisticalConfig(), policy or FalseAlarm(rate=0.2)
    learnt = learn_table(tally, roles, missing, config, policy, 1)
    return tally, learnt, summed([score_chunk(learnt, chunk) for chunk in chunks], grouping)


def facts(tally, learnt, scores) -> list[object]:
    flagged = scores.flagged(learnt)
    return [
        profile_tally(tally),
        learnt.encoder,
        learnt.decision.threshold,
        fingerprint_of(scores.n_rows, scores.digests),
        tally.digests,
        scores.scores.summary(),
        scores.grades(),
        flagged.frame.to_csv(),
        flagged.frame.dtypes.astype(str).to_dict(),
        flagged.positions.tolist(),
        flagged.X.tobytes(),
        flagged.scores.tobytes(),
        flagged.p_values.tobytes(),
        flagged.labels.tobytes(),
    ]


@pytest.mark.parametrize("missing", ["impute", "drop_rows"])
@pytest.mark.parametrize(
    "roles", [ROLES, ColumnRoles(features=("gaps", "city", "at", "far"), label="odd")]
)
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2),
    places=st.lists(st.integers(1, N_ROWS - 1), max_size=8),
    grouping=st.integers(0, 8),
)
def test_any_cutting_gives_the_same_to_the_bit(roles, missing, seed, places, grouping):
    found = facts(*detect(cut(table(seed), places), grouping, roles, missing))
    assert found == uncut(seed, roles, missing)


@cache
def uncut(seed, roles, missing) -> list[object]:
    return facts(*detect([table(seed)], 0, roles, missing))


def test_statistics_are_those_of_the_whole_table_but_for_the_median():
    frame = table(0)
    tally, _, _ = detect(cut(frame, [40, 80]), 0)
    for column, whole in zip(profile_tally(tally), profile_table(frame).columns, strict=True):
        for name, expected in vars(whole).items():
            found = getattr(column, name)
            if name in ("mean", "std") and expected is not None:
                assert found == pytest.approx(expected, rel=1e-9)
            elif name == "estimated":
                assert found == (column.median is not None)
            elif name != "median":
                assert found == expected, (whole.name, name)


@pytest.mark.parametrize("config", [StatisticalConfig(), KnnConfig(n_neighbors=3)])
def test_scores_are_those_of_the_table_held_whole(config):
    frame = table(2)[["x", "day"]]
    _, learnt, scores = detect(
        cut(frame, [33]), 0, ColumnRoles(), config=config, policy=Fixed(score=-1)
    )
    whole = score_table(prepare_table(frame, ColumnRoles()), config, Fixed(score=-1), 60, 1)
    flagged = scores.flagged(learnt)
    assert flagged.positions.tolist() == whole.flagged.tolist()
    assert np.array_equal(flagged.scores, whole.scores[whole.flagged])


def test_extremes_outside_the_sample_are_known():
    frame = table(0)
    frame.loc[7, "x"] = 5e9
    sample = draw_sample(N_ROWS, 60, 1)
    assert 7 not in sample
    _, learnt, _ = detect(cut(frame, [50]), 0)
    [column] = [column for column in learnt.encoder.columns if column.name == "x"]
    assert column.above > 5e9


def test_a_column_that_varies_outside_the_sample_only_is_watched():
    frame = table(0)
    outside = next(row for row in range(N_ROWS) if row not in draw_sample(N_ROWS, 60, 1))
    frame.loc[outside, "same"] = 4
    _, learnt, _ = detect(cut(frame, [50]), 0)
    assert "same" in learnt.encoder.names


def test_reasons_for_leaving_out_are_those_of_the_whole_table():
    _, learnt, _ = detect(cut(table(0), [50]), 0)
    assert learnt.encoder.left_out == {
        "same": "the same value in every row",
        "city": "not numeric (str); name it to use it",
        "at": "not numeric (datetime64[us]); name it to use it",
    }


def test_rows_that_miss_a_value_may_fill_a_chunk():
    frame = table(0)
    frame.loc[40:79, "gaps"] = np.nan
    _, learnt, scores = detect(cut(frame, [40, 80]), 0, missing="drop_rows")
    assert scores.n_rows == N_ROWS
    assert scores.scores.total == int(frame["gaps"].notna().sum())
    assert not set(range(40, 80)) & set(learnt.rows.tolist())


def test_too_few_complete_rows_in_the_sample_say_so():
    frame = table(0)[["gaps", "x"]]
    frame["gaps"] = np.nan
    inside, outside = draw_sample(N_ROWS, 60, 1)[0], 0
    frame.loc[[inside, outside], "gaps"] = [1.0, 2.0]
    with pytest.raises(DetectorError, match="only one row has a value in every column"):
        detect(cut(frame, []), 0, ColumnRoles(), "drop_rows")


def test_a_changed_value_place_or_name_changes_the_fingerprint():
    frame = table(0)[["x", "gaps", "city"]]
    roles = ColumnRoles(features=("x", "gaps", "city"))

    def fingerprint(frame):
        scores = detect(cut(frame, [30]), 0, roles)[2]
        return fingerprint_of(scores.n_rows, scores.digests)

    swapped = frame.copy()
    swapped.loc[[3, 4], "x"] = frame.loc[[4, 3], "x"].to_numpy()
    nudged = frame.copy()
    nudged.loc[3, "x"] = np.nextafter(frame.loc[3, "x"], np.inf)
    renamed = frame.assign(city=frame["city"].replace("Ulm", "ULM"))
    values = [fingerprint(one) for one in (frame, swapped, nudged, renamed, frame.iloc[:-1])]
    assert len(set(values)) == 5
    assert fingerprint(frame) == values[0]


def test_a_share_of_rows_follows_the_sample():
    _, _, scores = detect(cut(table(0), [10]), 0, policy=Contamination(share=0.1))
    assert 0 < scores.n_flagged < 0.3 * N_ROWS


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=20),
    st.integers(1, 60),
)
def test_parts_hold_every_row_once_and_begin_where_reading_can(sizes, least):
    starts = np.cumsum([0, *sizes[:-1]]).tolist()
    n_rows = sum(sizes)
    parts = cut_parts(starts, n_rows, least)
    assert [part.first for part in parts[1:]] == [part.last for part in parts[:-1]]
    assert (parts[0].first, parts[-1].last) == (0, n_rows)
    assert {part.first for part in parts} <= set(starts)
    assert all(len(part) >= least for part in parts[:-1])
