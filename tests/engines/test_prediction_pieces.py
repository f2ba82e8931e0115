"""Predictions are made in pieces, which threads take in turn."""

import threading
import time

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet.engines import cores, numba_prediction
from glassnet.network import State, build_plan

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("threads", [1, 2])
def test_predictions_are_made_in_pieces(monkeypatch, threads):
    """Between two of them Python takes signals; the numbers are those of one piece."""
    monkeypatch.setattr(cores, "_cores", lambda: 2)
    plan = build_plan([4, 8, 1])
    state = State(RNG.normal(size=plan.n_parameters), np.zeros(0))
    rows = RNG.normal(size=(2000, 4))
    bound = numba_prediction.Bound(plan, state)
    expected = bound(rows)
    monkeypatch.setattr(numba_prediction, "_WORTH", 1)
    monkeypatch.setattr(numba_prediction, "_PIECE", 1)
    runs, run = [], numba_prediction._Runner.run

    def counted(self):
        runs.append(threading.current_thread().name)
        run(self)

    monkeypatch.setattr(numba_prediction._Runner, "run", counted)
    np.testing.assert_array_equal(bound(rows, threads), expected)
    assert len(runs) == 8  # 2,000 rows are 8 chunks of 256

    def interrupted(self):
        """Press Ctrl-C in the first piece; a helper has one meanwhile, and comes to its end."""
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        time.sleep(0.5)
        counted(self)

    runs.clear()
    monkeypatch.setattr(numba_prediction._Runner, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bound(rows, threads)
    assert len(runs) < threads
    monkeypatch.setattr(numba_prediction._Runner, "run", run)
    np.testing.assert_array_equal(bound(rows, threads), expected)


def test_a_slow_thread_takes_fewer_pieces_of_a_prediction(monkeypatch):
    monkeypatch.setattr(cores, "_cores", lambda: 2)
    monkeypatch.setattr(numba_prediction, "_WORTH", 1)
    plan = build_plan([4, 8, 1])
    bound = numba_prediction.Bound(plan, State(np.ones(plan.n_parameters), np.zeros(0)))
    rows, alone = RNG.normal(size=(2000, 4)), threading.Event()
    taken, run = [], numba_prediction._Runner.run

    def held_up(self):
        """Let the helper wait within its first piece until all others are done."""
        if threading.current_thread() is not threading.main_thread():
            assert alone.wait(60)
        run(self)
        taken.append(threading.current_thread().name)
        if len(taken) == 7:
            alone.set()

    monkeypatch.setattr(numba_prediction._Runner, "run", held_up)
    found = bound(rows, 2)
    assert len(taken) == 8
    monkeypatch.setattr(numba_prediction._Runner, "run", run)
    np.testing.assert_array_equal(found, bound(rows))
