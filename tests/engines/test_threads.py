"""Results do not depend on the number of BLAS threads, and the user's limit comes back."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from glassnet import MLP
from glassnet.engines import threads
from glassnet.engines.threads import one_blas_thread


def blas_threads():
    return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


inside = one_blas_thread(blas_threads)


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        assert blas_threads() == {2}
        yield
        assert blas_threads() == {2}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_training_is_the_same_with_one_and_two_threads(dtype):
    """These shapes give other last digits on two threads where BLAS is left alone."""
    X = np.random.default_rng(0).normal(size=(5000, 300)).astype(dtype)
    y = X[:, 0] > 0

    def trained(threads):
        with threadpool_limits(threads):
            net = MLP([300, 10, 1], loss="binary_cross_entropy", seed=0)
            return net.fit(X, y, epochs=3).theta, net.forward(X)

    for one, two in zip(trained(1), trained(2), strict=True):
        np.testing.assert_array_equal(one, two)


def test_the_limit_holds_inside_and_the_user_s_own_comes_back():
    assert inside() == {1}
    assert blas_threads() == {2}


def test_an_exception_lifts_the_limit():
    with pytest.raises(ZeroDivisionError):
        one_blas_thread(lambda: 1 / 0)()
    assert blas_threads() == {2}


def test_one_call_within_another_leaves_the_limit_to_the_outer_one():
    assert one_blas_thread(lambda: (inside(), blas_threads()))() == ({1}, {1})
    assert blas_threads() == {2}


def test_a_limit_that_is_there_already_is_left_alone(monkeypatch):
    """Not even set anew: that costs more than a small network's whole prediction."""
    with threadpool_limits(1, user_api="blas"):
        for library in threads._libraries("scipy.linalg" in sys.modules):
            monkeypatch.setattr(library, "set_num_threads", None)
        assert inside() == {1}


@pytest.mark.parametrize("first_out", ["first in", "second in"])
def test_python_threads_that_overlap_share_the_limit(first_out):
    """Whichever leaves first: the other keeps its one thread, and the last one restores."""
    entered = {name: threading.Event() for name in ("first in", "second in")}
    leave = {name: threading.Event() for name in entered}

    @one_blas_thread
    def stay(name):
        entered[name].set()
        assert leave[name].wait(10)
        return blas_threads()

    with ThreadPoolExecutor() as pool:
        calls = {}
        for name in entered:
            calls[name] = pool.submit(stay, name)
            assert entered[name].wait(10)
        (last_out,) = set(calls) - {first_out}
        leave[first_out].set()
        assert calls[first_out].result() == {1}
        assert blas_threads() == {1}
        leave[last_out].set()
        assert calls[last_out].result() == {1}
    assert blas_threads() == {2}


class Library:
    """What threadpoolctl shows of a BLAS, the limit each Python thread's own or for all."""

    threading_layer = "intel"

    def __init__(self, internal_api):
        self.internal_api = internal_api
        self.numbers = threading.local() if internal_api == "mkl" else SimpleNamespace()

    def get_num_threads(self):
        return getattr(self.numbers, "threads", 4)

    def set_num_threads(self, threads):
        self.numbers.threads = threads


@pytest.mark.parametrize("internal_api", ["mkl", "blis"])
def test_a_limit_of_each_thread_s_own_is_set_and_lifted_in_each(monkeypatch, internal_api):
    library = Library(internal_api)
    monkeypatch.setattr(threads, "_libraries", lambda with_scipy: [library])
    shared = internal_api != "mkl"
    look = one_blas_thread(library.get_num_threads)

    @one_blas_thread
    def first_in():
        with ThreadPoolExecutor() as pool:
            within = pool.submit(look).result()
            after = pool.submit(library.get_num_threads).result()
        return library.get_num_threads(), within, after

    assert first_in() == (1, 1, 1 if shared else 4)
    assert library.get_num_threads() == 4


def test_many_python_threads_leave_no_limit_behind():
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: inside(), range(400)))
    assert all(threads == {1} for threads in seen)


def in_a_fork(function, fork=None):
    """Return the bytes that `function` writes to the pipe that it is given, in a child."""
    ours, theirs = os.pipe()
    child = (fork or os.fork)()
    if child == 0:
        signal.alarm(10)  # a child that waits for a thread it does not have ends so
        try:
            os.write(theirs, function())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_child_is_not_held_by_the_limit_of_another_thread():
    """The thread that would lift the limit, or release the lock, is not in the child."""

    entered, leave = threading.Event(), threading.Event()

    @one_blas_thread
    def stay():
        with threads._limit.lock:  # as in the middle of a change
            entered.set()
            time.sleep(0.1)
        assert leave.wait(10)

    with ThreadPoolExecutor() as pool:
        call = pool.submit(stay)
        assert entered.wait(10)
        said = in_a_fork(lambda: bytes([*blas_threads(), *inside(), *blas_threads()]))
        leave.set()
        call.result()
    assert said == bytes([2, 1, 2])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_fork_under_the_limit_takes_it_along_and_lifts_it_in_the_end():
    said = one_blas_thread(
        lambda: in_a_fork(lambda: bytes([*blas_threads(), *inside(), *blas_threads()]))
    )()
    assert said == bytes([1, 1, 1])
    # Here the call returns twice, and lifts the limit in both processes.
    assert in_a_fork(lambda: bytes(blas_threads()), fork=one_blas_thread(os.fork)) == bytes([2])


@pytest.mark.parametrize("line", range(1, 12))
def test_an_interrupt_at_any_line_leaves_no_limit_behind(line):
    """Ctrl-C falls between two lines: here in each one of those that set the limit."""
    left = [line]

    def trace(frame, event, argument):
        if frame.f_code.co_name not in ("enter", "limited", "call"):
            return None
        if event == "line" and frame.f_code.co_name == "enter":
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        inside()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    assert blas_threads() == {2}
    assert inside() == {1}
    assert blas_threads() == {2}
