import stat
import subprocess
import sys

import pytest
from pydantic import ValidationError

from models.errors import SigningKeyError
from settings import get_settings
from tasks.signing_key import signing_key


def test_a_key_is_made_on_first_use_for_its_owner_alone(vigil_home):
    key = signing_key()
    assert len(key) == 64
    assert signing_key() == key
    path = vigil_home / "signing.key"
    assert path.read_bytes().strip() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in vigil_home.iterdir()] == ["signing.key"]


@pytest.mark.usefixtures("vigil_home")
def test_processes_that_make_a_key_at_the_same_time_get_the_same_one():
    script = (
        "from tasks.signing_key import signing_key; print(flush=True); input();"
        "print(signing_key().hex())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for process in processes:
        process.stdout.readline()  # it is ready
    for process in processes:
        process.stdin.write(b"\n")
        process.stdin.flush()
    keys = {process.communicate()[0] for process in processes}
    assert keys == {signing_key().hex().encode() + b"\n"}


def test_the_key_of_the_file_is_the_same_from_the_settings(vigil_home, monkeypatch):
    key = signing_key()
    monkeypatch.setenv("VIGIL_SIGNING_KEY", (vigil_home / "signing.key").read_text().strip())
    (vigil_home / "signing.key").unlink()
    get_settings.cache_clear()
    assert signing_key() == key
    assert not (vigil_home / "signing.key").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_key_that_others_can_read_is_refused(vigil_home, mode):
    signing_key()
    path = vigil_home / "signing.key"
    path.chmod(mode)
    with pytest.raises(SigningKeyError, match=f"may be read or written by others.*600 {path}"):
        signing_key()


def test_a_damaged_key_is_refused(vigil_home):
    signing_key()
    (vigil_home / "signing.key").write_bytes(b"")
    with pytest.raises(SigningKeyError, match="is damaged: put it back"):
        signing_key()


def test_a_home_that_cannot_be_written_asks_for_the_setting(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "file" / "home"))
    get_settings.cache_clear()
    try:
        with pytest.raises(SigningKeyError, match=r"Not a directory.*or set VIGIL_SIGNING_KEY"):
            signing_key()
    finally:
        get_settings.cache_clear()


@pytest.mark.usefixtures("vigil_home")
def test_a_short_key_in_the_settings_is_refused_and_not_shown(monkeypatch):
    monkeypatch.setenv("VIGIL_SIGNING_KEY", "hunter2")
    get_settings.cache_clear()
    with pytest.raises(ValidationError, match="at least 32") as caught:
        get_settings()
    assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("VIGIL_SIGNING_KEY", "hunter2" * 8)
    assert "hunter2" not in repr(get_settings())
