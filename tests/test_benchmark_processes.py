"""The processes in which the benchmarks time a peer each."""

import dataclasses
import subprocess
import sys

import pytest
from benchmarks import environment, timing
from benchmarks.cases import (
    GLASSNET,
    JOBLIB,
    NUMPY,
    ON_NUMPY,
    OPERATIONS,
    PROCESS,
    SKLEARN,
)
from benchmarks.peers import NotThere, prepare
from benchmarks.tasks import build, save

from support.tiny_benchmarks import tiny


def test_peers_take_turns_in_processes_of_their_own():
    case = dataclasses.replace(tiny("notebook"), peers=(GLASSNET, NUMPY, OPERATIONS))
    ours, plain, operations = timing.measure(case, 1, repeats=2)
    for one in (ours, plain, operations):
        assert not one.absent
        assert len(one.seconds) == 2
        assert min(*one.seconds, one.first, one.memory) > 0
    assert plain.result == pytest.approx(ours.result, rel=1e-9)
    assert operations.result is None


def test_who_fails_is_named_and_the_others_go_on():
    case = dataclasses.replace(tiny("notebook"), peers=(SKLEARN, NUMPY), activation="sigmoid")
    broken = dataclasses.replace(case, peers=("nobody", NUMPY))
    nobody, plain = timing.measure(broken, 1, repeats=1)
    assert nobody.absent == "failed: KeyError: 'nobody'"
    assert len(plain.seconds) == 1


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(NotThere, match="joblib is not installed"):
        prepare(JOBLIB, build(tiny("many: notebook's shape")))


def test_fresh_processes():
    case = dataclasses.replace(tiny("start"), peers=(ON_NUMPY, NUMPY, PROCESS))
    ours, plain, bare = timing.measure(case, 1, repeats=1)
    assert len(ours.seconds) == len(plain.seconds) == len(bare.seconds) == 1
    assert bare.result is None
    assert plain.result == pytest.approx(ours.result, rel=1e-9)


@pytest.mark.parametrize("peer", [ON_NUMPY, NUMPY])
def test_starting_loads_nothing_that_is_not_needed(peer, tmp_path):
    save(build(tiny("start")), tmp_path / "task.npz")
    code = (
        "import sys, pathlib; from benchmarks.tasks import load\n"
        "from benchmarks.peers import prepare\n"
        f"prepare({peer!r}, load(pathlib.Path(sys.argv[1]), 1))()\n"
        "print(*{'sklearn', 'scipy', 'numba', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "task.npz")],
        cwd=environment.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


def test_threads_are_said_to_every_library():
    told = environment.for_threads(1)
    assert told["OMP_NUM_THREADS"] == told["GLASSNET_NUM_THREADS"] == told["NPROC"] == "1"
    assert "multi_thread_eigen=false" in told["XLA_FLAGS"]
    assert "multi_thread_eigen" not in environment.for_threads(2)["XLA_FLAGS"]
