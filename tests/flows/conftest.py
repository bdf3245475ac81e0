"""What the tests of bad input share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from detectors.batch.statistical import StatisticalConfig
from flows.detect import detect
from settings import get_settings
from tests.flows.failures import SECRET, everything_of, register


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for all tests of a module, in whose database nothing may get lost."""
    home = tmp_path_factory.mktemp("vigil")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VIGIL_HOME", str(home))
        environment.delenv("VIGIL_DATABASE_URL", raising=False)
        get_settings.cache_clear()
        yield home
    get_settings.cache_clear()


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set limits of reading for one test; without any, nothing is tried again."""

    def limits(**values: float) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"VIGIL_READ_{name.upper()}", str(value))
        get_settings.cache_clear()

    monkeypatch.setenv("SHOP_KEY", SECRET)
    limits(retries=0)
    yield limits
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def good(prefect_server: None, home: Path) -> dict[str, Any]:
    """The detection that every failure has to leave alone."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(200, 2)), columns=["a", "b"])
    frame.loc[17] = 40.0
    frame.to_csv(home / "good.csv", index=False)
    register("good", "csv", path=str(home / "good.csv"))
    detect("good", StatisticalConfig())
    before = everything_of("good")
    assert before["anomalies"]
    return before
