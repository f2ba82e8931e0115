"""The processes in which the benchmarks time a peer each."""

import dataclasses
import subprocess
import sys

import pytest
from benchmarks import environment, start, timing
from benchmarks.cases import (
    GLASSNET,
    JOBLIB,
    NUMPY,
    ON_NUMPY,
    OPERATIONS,
    PROCESS,
    SKLEARN,
)
from benchmarks.measured import Measured
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


def test_who_does_not_answer_is_given_up(monkeypatch):
    monkeypatch.setattr(timing, "PATIENCE", 0.01)
    monkeypatch.setattr(start, "PATIENCE", 0.01)
    (one,) = timing.measure(dataclasses.replace(tiny("notebook"), peers=(NUMPY,)), 1, 1)
    assert one.absent == "failed: no answer within 0.01 s"
    (one,) = timing.measure(dataclasses.replace(tiny("start"), peers=(NUMPY,)), 1, 1)
    assert one.absent == "failed: no end within 0.01 s"


def test_figures_of_who_fails_later_are_dropped():
    worker = object.__new__(timing._Worker)
    worker.found = Measured(NUMPY, [1.0, 2.0])
    worker._take({"memory": 3.0})
    assert worker.found.seconds == [1.0, 2.0]
    worker._take({"absent": "failed: no memory"})
    assert worker.found.seconds == []


class Processes:
    """Fresh processes that are made up: the first runs of each peer end well."""

    def __init__(self, good, error=""):
        self.good, self.error, self.begun = good, error, []

    def run(self, command, **how):
        self.begun.append(command[3])
        ended = subprocess.CompletedProcess(command, -9, "", self.error)
        if self.begun.count(command[3]) <= self.good.get(command[3], 99):
            ended.returncode, ended.stdout = 0, 'noise\n{"result": 1.0, "memory": 2.0}\n'
        return ended


@pytest.mark.parametrize(("error", "said"), [("", "exit status -9"), ("a\nb\n\n", "b")])
def test_a_fresh_process_that_fails_is_named_and_the_others_go_on(monkeypatch, error, said):
    processes = Processes({"b": 2}, error)
    monkeypatch.setattr(start.subprocess, "run", processes.run)
    a, b = start.measure(["a", "b"], environment.ROOT, 1, repeats=4)
    assert (b.absent, b.seconds) == (said, [])
    assert (a.absent, len(a.seconds), a.result, a.memory) == ("", 4, 1.0, 2.0)
    assert a.first > 0
    assert [processes.begun.count(peer) for peer in "ab"] == [5, 3]


def test_a_fresh_process_takes_no_turn_beyond_its_budget(monkeypatch):
    monkeypatch.setattr(start.subprocess, "run", Processes({}).run)
    monkeypatch.setattr(start, "BUDGET", 1e-12)
    (a,) = start.measure(["a"], environment.ROOT, 1, repeats=4)
    assert len(a.seconds) == 1
    assert a.first > 0


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


def test_modules_are_kept_compiled_as_those_of_installed_packages_are(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in environment.for_threads(1)
