"""Compiling once per machine: what is kept, where, and what happens where it cannot be."""

import io
import os
import shutil
import sys
import types

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet import optimizers
from glassnet.engines import numba_engine
from glassnet.engines.compiled import compilation, machine_code, notice
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import build_plan, initial_state

from support import compiling
from support.compiling import damage, files

PENALTY = "print(penalty(), counts())"
COMPILED, LOADED = "12.5 compiled 1, loaded 0", "12.5 compiled 0, loaded 1"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return a place where the one kernel of these tests has been kept by a process."""
    place = tmp_path_factory.mktemp("kept")
    assert compiling.run(PENALTY, place) == [COMPILED]
    return place


@pytest.fixture
def place(tmp_path, kept):
    """Return a copy of that place."""
    return shutil.copytree(kept, tmp_path / "kept")


@pytest.fixture
def package(tmp_path):
    """Return a copy of the package, where nothing is kept yet."""
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(compiling.SOURCE, tmp_path / "other" / "glassnet", ignore=ignored)


# --- from one process to the next ------------------------------------------------------


def test_the_next_process_compiles_nothing(place):
    assert compiling.run(PENALTY, place) == [LOADED]


def test_each_precision_is_a_kernel_of_its_own(place):
    code = "print(penalty(dtype=np.float32), penalty(), counts())"
    assert compiling.run(code, place) == ["12.5 12.5 compiled 1, loaded 1"]
    assert len(files(place)) == 2


def test_a_damaged_kernel_is_compiled_anew(place):
    damage(files(place)[0], "a bit flipped")
    assert compiling.run(PENALTY, place) == [COMPILED]
    assert compiling.run(PENALTY, place) == [LOADED]


# --- where it may be kept --------------------------------------------------------------


def nowhere(tmp_path):
    """Return a path at which nothing can be made, whoever runs this."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "below"


def block(package):
    """Let nothing be kept beside the sources of a copied package."""
    caches = package / "engines" / "compiled" / "__pycache__"
    caches.mkdir(exist_ok=True)
    (caches / "kernels").write_text("")


class Gone(io.StringIO):
    """A terminal that has gone away."""

    def isatty(self):
        return True

    def write(self, text):
        raise OSError(5, "Input/output error")


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [Gone(), closed()], ids=["gone", "closed"])
def test_a_screen_that_is_gone_is_not_in_the_way(stream, tmp_path, monkeypatch):
    monkeypatch.setattr(notice, "sys", types.SimpleNamespace(stderr=stream))
    monkeypatch.setattr(notice, "_PATIENCE", 0)
    with notice.Notice(1) as told:
        told.compiled(tmp_path)
    assert told.done == 1


@pytest.mark.parametrize("stream", [None, types.SimpleNamespace()])
def test_without_a_console_a_first_fit_is_not_in_the_way(stream, tmp_path, monkeypatch):
    monkeypatch.setattr(notice, "sys", types.SimpleNamespace(stderr=stream))
    monkeypatch.setattr(notice, "_PATIENCE", 0)
    with notice.Notice(1) as told:
        told.compiled(tmp_path)
    assert not told.begun


def test_the_sources_that_count_are_those_that_were_imported(tmp_path, monkeypatch):
    """Though others have taken their place before anything is compiled."""
    made_from = compilation.storage.__wrapped__().key
    monkeypatch.setattr(compilation, "source_files", lambda: [tmp_path / "another.py"])
    (tmp_path / "another.py").write_text("1")
    assert compilation.storage.__wrapped__().key == made_from


def test_beside_the_sources(package, tmp_path):
    bad, unnamed = nowhere(tmp_path), ""
    assert compiling.run(PENALTY, unnamed, package, HOME=bad) == [COMPILED]
    assert compiling.run(PENALTY, unnamed, package, HOME=bad) == [LOADED]
    assert len(files(package / "engines" / "compiled" / "__pycache__")) == 1


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="named otherwise there")
def test_a_read_only_install_uses_the_users_cache_directory(package, tmp_path):
    block(package)
    places = {"HOME": tmp_path / "home", "XDG_CACHE_HOME": ""}
    assert compiling.run(PENALTY, "", package, **places) == [COMPILED]
    assert compiling.run(PENALTY, "", package, **places) == [LOADED]
    assert len(files(tmp_path / "home" / ".cache" / "glassnet" / "kernels")) == 1


def test_with_no_place_at_all_kernels_live_in_memory(package, tmp_path):
    block(package)
    bad = nowhere(tmp_path)
    homes = dict.fromkeys(["HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME"], bad)
    code = "print(penalty(), penalty([6.0]), counts(), compilation.storage().kept())"
    assert compiling.run(code, bad, package, **homes) == [
        "12.5 18.0 compiled 1, loaded 0 (0, 0, [])"
    ]
    assert files(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_directory_without_the_right_to_write(place):
    (directory,) = {file.parent for file in files(place)}
    directory.chmod(0o500)
    try:
        code = "penalty(dtype=np.float32); print(penalty(), counts())"
        assert compiling.run(code, place) == ["12.5 compiled 1, loaded 1"]
    finally:
        directory.chmod(0o700)


# --- what the code is good for ---------------------------------------------------------


def test_a_change_in_what_a_kernel_calls_compiles_it_anew(package, tmp_path):
    place = tmp_path / "place"
    assert compiling.run(PENALTY, place, package) == [COMPILED]
    sums = package / "engines" / "compiled" / "sums.py"
    text, old = sums.read_text(), "found += x[i] * y[i]"
    assert text.count(old) == 1
    sums.write_text(text.replace(old, "found += 100 * x[i] * y[i]"))
    assert compiling.run(PENALTY, place, package) == ["1250.0 compiled 1, loaded 0"]
    sums.write_text(text)
    assert compiling.run(PENALTY, place, package) == [LOADED]


def test_a_package_in_an_archive(package, tmp_path):
    """Its sources are no files: another archive is another package."""
    place, archive = tmp_path / "place", tmp_path / "archive.zip"
    source = archive / "glassnet"

    def pack():
        shutil.make_archive(archive.with_suffix(""), "zip", package.parent)

    pack()
    assert compiling.run(PENALTY, place, source) == [COMPILED]
    assert compiling.run(PENALTY, place, source) == [LOADED]
    (package / "more.txt").write_text("")
    pack()
    assert compiling.run(PENALTY, place, source) == [COMPILED]


@pytest.mark.parametrize(
    ("module", "name", "other"),
    [
        (machine_code.llvm, "get_host_cpu_name", "another"),
        (machine_code.llvm, "get_process_triple", "mips-unknown-none"),
        (machine_code, "version", "0.0.1"),
    ],
)
def test_the_kind_of_machine_is_part_of_the_key(monkeypatch, module, name, other):
    here = machine_code.machine()
    monkeypatch.setattr(module, name, lambda *_: other)
    assert machine_code.machine() != here
    assert other in machine_code.machine()


@pytest.mark.parametrize("name", ["OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT"])
def test_what_numba_is_set_to_is_part_of_the_key(monkeypatch, name):
    here = machine_code.machine()
    monkeypatch.setattr(machine_code.config, name, "another")
    assert machine_code.machine() != here


def test_what_the_processor_can_do_is_part_of_the_key(monkeypatch):
    features = machine_code.llvm.get_host_cpu_features()
    assert features.flatten() in machine_code.machine()
    here = machine_code.machine()
    features[next(iter(features))] ^= True
    monkeypatch.setattr(machine_code.llvm, "get_host_cpu_features", lambda: features)
    assert machine_code.machine() != here


# --- arrays ----------------------------------------------------------------------------


def test_read_only_and_mapped_arrays_need_no_other_kernels(tmp_path):
    expected = compiling.trained()
    before = compilation.n_compiled() + compilation.n_loaded()
    rng = np.random.default_rng(0)
    plan, rule = build_plan([3, 4, 1], activation="relu"), optimizers.Adam(0.01)
    first = initial_state(plan, None, rng)
    X, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    fixed, wide = X.copy(), np.zeros((16, 6))
    fixed.flags.writeable = False
    wide[::2, ::2] = X
    assert isinstance(mapped, np.memmap)
    for given in (mapped, fixed, np.asfortranarray(X), wide[::2, ::2]):
        state = first.copy()
        state.slots = rule.start(state.theta)
        rates = np.full((2, 2), 0.01)
        data = Data(given, y)
        numba_engine.train(plan, state, data, rule, Block([None] * 2, rates, Batches(8, 4)))
        np.testing.assert_array_equal(state.theta, expected)
    assert compilation.n_compiled() + compilation.n_loaded() == before
