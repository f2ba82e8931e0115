"""The first use of the compiled engine: many at once, after forks, and what is said."""

import builtins
import importlib.util
import io
import logging
import multiprocessing
import os
import re
import subprocess
import sys
import threading
import types
from importlib.metadata import version

import joblib
import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet.engines import ahead, installed
from glassnet.engines.compiled import compilation, gradients, machine_code, notice
from glassnet.engines.compiled.storage import Storage

from support import compiling

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


# --- many at once ----------------------------------------------------------------------


def test_threads_that_ask_at_once_compile_once(tmp_path):
    code = """
import threading
gate, found = threading.Barrier(8), []
def ask():
    gate.wait()
    found.append(compilation.address(gradients.l2_penalty, "float64"))
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(penalty(), len(found), len(set(found)), counts())
"""
    assert compiling.run(code, tmp_path) == ["12.5 8 1 compiled 1, loaded 0"]


def test_processes_that_begin_at_once(tmp_path):
    code = "print(penalty(), penalty(dtype=np.float32))"
    processes = [compiling.start(code, tmp_path) for _ in range(4)]
    assert [compiling.ended(one) for one in processes] == [["12.5 12.5"]] * 4
    code = "print(penalty(), penalty(dtype=np.float32), counts())"
    assert compiling.run(code, tmp_path) == ["12.5 12.5 compiled 0, loaded 2"]
    assert not list(tmp_path.rglob("*.tmp"))


@posix
def test_a_child_uses_and_compiles_after_a_fork(tmp_path):
    code = """
import os, threading
penalty()
began = threading.Event()
real = compilation.machine_code.object_code
def slow(*args):
    began.set()
    return real(*args)
compilation.machine_code.object_code = slow
other = threading.Thread(target=penalty, kwargs={"dtype": np.float32})
other.start()
began.wait()  # the fork falls into the other thread's compiling
child = os.fork()
if not child:
    ok = penalty() == 12.5 and penalty(dtype=np.float32) == 12.5
    ok = ok and compilation.address(gradients.clip_by_value, "float64")
    os._exit(0 if ok else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
other.join()
"""
    assert compiling.run(code, tmp_path, PYTHONWARNINGS="ignore") == ["0"]


@posix
def test_forked_workers_train():
    expected = compiling.trained()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for theta in pool.map(compiling.trained, range(3)):
            np.testing.assert_array_equal(theta, expected)


@pytest.mark.parametrize(
    "backend", ["loky", pytest.param("multiprocessing", marks=posix), "threading"]
)
def test_joblib_workers_train(backend):
    expected = compiling.trained()
    run = joblib.Parallel(n_jobs=2, backend=backend)
    for theta in run(joblib.delayed(compiling.trained)() for _ in range(3)):
        np.testing.assert_array_equal(theta, expected)


def test_spawned_workers_train(tmp_path, monkeypatch):
    expected = compiling.trained()
    paths = [str(compiling.SOURCE.parent), str(compiling.TESTS)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        np.testing.assert_array_equal(pool.apply(compiling.trained), expected)


# --- what is said ----------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Let time pass only when told to."""
    now = [0.0]
    monkeypatch.setattr(notice.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def screen(monkeypatch):
    """Look on at a terminal."""
    monkeypatch.setattr(notice, "sys", types.SimpleNamespace(stderr=Terminal()))
    return notice.sys.stderr


def give(clock, seconds, place="here"):
    with notice.Notice(len(seconds)) as given:
        for passing in seconds:
            clock[0] += passing
            given.compiled(place)


def last_of_each_line(text):
    """Return what a terminal shows in the end."""
    return [line.rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")[:-1]]


def test_a_long_wait_is_one_line(clock, screen):
    give(clock, [0.6, 0.6, 3.0])
    beginning = "glassnet: compiling once for this machine ... "
    first, second, last = screen.getvalue().split("\r")[1:]
    assert first.rstrip() == f"{beginning}(2 of 3 kernels)"
    assert second.rstrip() == f"{beginning}(3 of 3 kernels)"
    assert last == f"{beginning}done in 4.2 s; kept in here\n"
    assert len(first) >= len(f"{beginning}(3 of 3 kernels)")


def test_a_short_wait_is_not_mentioned(clock, screen):
    give(clock, [0.3, 0.3, 0.3])
    give(clock, [])
    assert screen.getvalue() == ""


def test_nowhere_to_keep_it_is_said(clock, screen):
    give(clock, [2.0], None)
    assert "no directory to keep it in" in screen.getvalue()


def test_an_interrupt_ends_the_line(clock, screen):
    def interrupt():
        with notice.Notice(2) as given:
            clock[0] += 2
            given.compiled("here")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    (line,) = last_of_each_line(screen.getvalue())
    assert line.endswith("... interrupted")


def test_jupyter_is_looked_on_at(clock, monkeypatch):
    monkeypatch.setattr(notice, "sys", types.SimpleNamespace(stderr=io.StringIO()))
    monkeypatch.setattr(builtins, "__IPYTHON__", True, raising=False)
    give(clock, [2.0])
    assert "done in 2.0 s" in notice.sys.stderr.getvalue()


def test_elsewhere_the_log_has_it(clock, monkeypatch, caplog):
    monkeypatch.setattr(notice, "sys", types.SimpleNamespace(stderr=io.StringIO()))
    with caplog.at_level(logging.INFO, "glassnet"):
        give(clock, [])
        give(clock, [2.0, 2.0])
    assert notice.sys.stderr.getvalue() == ""
    said = "compiled 2 kernels for this machine: done in 4.0 s; kept in here"
    assert [record.getMessage() for record in caplog.records] == [said]


def test_who_watches_is_told_in_place_of_that(clock, screen, caplog):
    told = []
    with caplog.at_level(logging.INFO, "glassnet"), notice.watched(lambda: told.append(1)):
        give(clock, [2.0, 2.0])
    assert told == [1, 1]
    assert screen.getvalue() == ""
    assert not caplog.records


def test_an_interrupted_kernel_is_compiled_when_asked_for_again(monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    def fresh(theta, memory, at, numbers, context, reals):
        reals[0] = 7.0

    monkeypatch.setattr(machine_code, "object_code", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compilation.address(fresh, "float64")
    monkeypatch.undo()
    monkeypatch.setattr(type(compilation.storage()), "write", lambda *_: None)
    other = threading.Thread(target=compilation.address, args=(fresh, "float64"))
    other.start()
    other.join(60)
    assert not other.is_alive()
    assert compilation.n_compiled() > 0


@posix
def test_a_terminal_shows_it(tmp_path):
    code = """
from glassnet.engines.compiled import tiles, loop
kernels = [gradients.l2_penalty, loop.train, tiles.multiply, tiles.transpose]
compilation.addresses(kernels, "float64")
compilation.addresses(kernels, "float64")
"""
    ours, theirs = os.openpty()
    environment = compiling.environment(tmp_path)
    command = [sys.executable, "-c", compiling.PRELUDE + code]
    process = subprocess.Popen(command, env=environment, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 1000):
            said += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    (line,) = last_of_each_line(said.decode().replace("\r\n", "\n"))
    pattern = (
        r"glassnet: compiling once for this machine \.\.\. done in \d+\.\d s; kept in (.+)"
    )
    assert re.fullmatch(pattern, line)[1].startswith(str(tmp_path))


# --- ahead -----------------------------------------------------------------------------


def test_without_numba_there_is_nothing_to_compile(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: None if n == "numba" else find(n)
    )
    assert installed.facts() == installed.Facts("")


def test_without_numba_networks_train_all_the_same():
    code = """
import sys
sys.modules["numba"] = sys.modules["llvmlite"] = None
import numpy as np
from glassnet import MLP
net = MLP([2, 3, 1], seed=0).fit(np.eye(4, 2), np.ones(4), epochs=3)
print(len(net.history.loss))
"""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("3\n", "")


def test_facts_count_what_is_kept(monkeypatch, tmp_path):
    # a directory of its own: tests beside this one compile, too
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    own = Storage("the sources of this test")
    monkeypatch.setattr(compilation, "storage", lambda: own)
    assert installed.facts() == installed.Facts(version("numba"))
    places = {own.write(name, b"code" * 10) for name in ("one", "other")}
    found = installed.facts()
    assert (found.kernels, set(found.places)) == (2, places)
    assert found.size == sum(file.stat().st_size for file in tmp_path.rglob("*.o")) > 80


@pytest.mark.parametrize("everything", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_what_was_compiled_ahead_is_compiled_once(everything):
    said = []
    ahead.compile_ahead(ahead.fits(everything), lambda done, total: said.append((done, total)))
    total = said[-1][1]
    assert said[-1] == (total, total)
    assert said == sorted(said)
    before = compilation.n_compiled()
    assert ahead.compile_ahead(ahead.fits(everything)).kernels == 0
    compiling.trained()
    assert compilation.n_compiled() == before
    assert compilation.address(gradients.l2_penalty, "float32")
    assert compilation.n_compiled() == before
