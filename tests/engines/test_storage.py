"""The files that machine code is kept in: what counts as one, and what is removed."""

import os
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest

pytest.importorskip("numba")

from glassnet.engines.compiled.storage import Storage

from support.compiling import damage, files


@pytest.mark.parametrize("how", ["empty", "half", "a bit flipped", "longer", "text"])
def test_a_damaged_file_counts_as_not_there(tmp_path, monkeypatch, how):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    storage = Storage("key")
    storage.write("one", b"machine code")
    assert storage.read("one") == b"machine code"
    damage(files(tmp_path)[0], how)
    assert storage.read("one") is None


def test_a_file_under_the_name_of_another_counts_as_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    storage = Storage("key")
    storage.write("one", b"machine code")
    one = files(tmp_path)[0]
    storage.write("two", b"machine code")
    (two,) = set(files(tmp_path)) - {one}
    shutil.copyfile(one, two)
    assert storage.read("one") == b"machine code"
    assert storage.read("two") is None


def test_only_so_many_generations_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    for number in range(12):
        Storage(f"key {number}").write("one", b"code")
        os.utime(files(tmp_path)[0].parent.parent / Storage(f"key {number}").key, (number,) * 2)
    assert len(files(tmp_path)) == 8
    assert Storage("key 11").read("one") == b"code"
    assert Storage("key 0").read("one") is None


def test_nothing_is_removed_but_generations(tmp_path, monkeypatch):
    """The directory that `NUMBA_CACHE_DIR` names may hold a checkout of this package."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    own = [tmp_path / "glassnet" / name / "file" for name in (".git", "src", "0123abcd")]
    for path in own:
        path.parent.mkdir(parents=True)
        path.write_text("")
        os.utime(path.parent, (0, 0))
    for number in range(12):
        Storage(f"key {number}").write("one", b"code")
    assert all(path.exists() for path in own)
    assert len(files(tmp_path)) == 8


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_nothing_unfinished_is_left_behind(error, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    def fail(*paths):
        raise error

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(error) if error is KeyboardInterrupt else nullcontext():
        assert Storage("key").write("one", b"code") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_directory_that_another_process_has_made_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    place = Storage("key").write("one", b"code")
    seen = iter([False])  # and made before the next look
    monkeypatch.setattr(Path, "is_dir", lambda *_: next(seen, True))
    assert Storage("key").write("two", b"code") == place


def test_another_key_finds_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    Storage("this machine").write("one", b"machine code")
    assert Storage("that machine").read("one") is None
