import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from detectors.kernels import cache
from detectors.registry import algorithms, parse_config

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _forget_the_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    cache.cache_folder.cache_clear()
    yield
    cache.cache_folder.cache_clear()


def unwritable(tmp_path: Path) -> Path:
    """A place where no folder can be made, whoever runs the test."""
    file = tmp_path / "file"
    file.touch()
    return file


def test_compiled_kernels_are_kept_beside_their_source() -> None:
    assert cache.cache_folder().parent == REPOSITORY / "detectors" / "kernels" / "__pycache__"


def test_a_package_that_cannot_be_written_to_uses_the_user_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_KERNELS", unwritable(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert cache.cache_folder().parent == tmp_path / "home" / "vigil"


def test_with_nowhere_to_write_a_temporary_folder_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_KERNELS", unwritable(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(unwritable(tmp_path)))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cache.cache_folder().parent == tmp_path
    assert cache.cache_folder().is_dir()


def test_an_edited_kernel_gets_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_KERNELS", tmp_path)
    (tmp_path / "helper.py").write_text("step = 1")
    before = cache.cache_folder()
    (tmp_path / "helper.py").write_text("step = 2")
    cache.cache_folder.cache_clear()
    assert cache.cache_folder() != before


def test_a_kernel_is_compiled_once_and_it_is_known_beforehand(tmp_path: Path) -> None:
    code = (
        "import sys; from detectors.kernels.cache import needs_compiling, kernel\n"
        "before = needs_compiling('random'); assert 'numba' not in sys.modules\n"
        "import numpy; from detectors.kernels.random import uniform\n"
        "uniform(numpy.zeros(1, numpy.uint64)); print(before, needs_compiling('random'))"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True,
        ).stdout.split()
        for _ in range(2)
    ]  # fmt: skip
    assert runs == [["True", "False"], ["False", "False"]]


def test_random_numbers_are_uniform_and_streams_differ() -> None:
    from detectors.kernels.random import below, seed_generator, uniform

    generator, draws = np.zeros(1, np.uint64), np.empty((2, 20_000))
    for stream in range(2):
        seed_generator(generator, 7, stream)
        draws[stream] = [uniform(generator) for _ in range(draws.shape[1])]
    assert 0 <= draws.min()
    assert draws.max() < 1
    np.testing.assert_allclose(np.histogram(draws, 10, (0, 1))[0] / draws.size, 0.1, atol=0.01)
    assert abs(np.corrcoef(draws)[0, 1]) < 0.02
    assert {below(generator, 3) for _ in range(100)} == {0, 1, 2}


@pytest.mark.parametrize("algorithm", [info.name for info in algorithms()])
def test_a_config_names_the_kernels_its_detector_calls(
    algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers = {"__init__", "cache", "random"}
    modules = {path.stem for path in Path(cache.__file__).parent.glob("*.py")} - helpers
    for module in modules:
        monkeypatch.delitem(sys.modules, f"detectors.kernels.{module}", raising=False)
    config = parse_config(algorithm)
    config.build(0).fit(np.random.default_rng(0).normal(size=(60, 2)))
    called = {module for module in modules if f"detectors.kernels.{module}" in sys.modules}
    assert called == ({config.kernels} if config.kernels else set())
