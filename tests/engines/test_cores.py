"""How many threads an engine may use: what was asked, the environment, the cores there are."""

import os

import pytest

from glassnet.engines import cores
from glassnet.engines.cores import n_threads


@pytest.fixture(autouse=True)
def four_cores(monkeypatch):
    monkeypatch.setattr(cores, "_cores", lambda: 4)
    for name in ("GLASSNET_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("asked", "ours", "openmp", "expected"),
    [
        (None, None, None, 4),
        (3, "2", "1", 3),
        (9, None, None, 4),
        (None, "2", "1", 2),
        (None, " 99 ", None, 4),
        (None, "", "1", 1),
        (None, None, "3,2", 3),
        (None, None, "many", 4),
        (None, None, "0", 4),
    ],
)
def test_what_counts_in_which_order(monkeypatch, asked, ours, openmp, expected):
    for name, value in (("GLASSNET_NUM_THREADS", ours), ("OMP_NUM_THREADS", openmp)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert n_threads(asked) == expected


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "²"])
def test_a_wrong_number_in_our_own_variable_is_refused(monkeypatch, value):
    monkeypatch.setenv("GLASSNET_NUM_THREADS", value)
    with pytest.raises(ValueError, match=r"GLASSNET_NUM_THREADS must be a whole number >= 1"):
        n_threads()
    assert n_threads(2) == 2  # it is not looked at


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux pins a process")
def test_only_cores_of_this_process_count(monkeypatch):
    monkeypatch.undo()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert n_threads(8) == 1
    finally:
        os.sched_setaffinity(0, before)


def test_no_thread_stays_counted_whatever_interrupts_a_call(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    with cores.at_work(3) as mine:
        assert mine == 3
        with cores.at_work(3) as rest:
            assert rest == 1
        with monkeypatch.context() as patch:
            patch.setattr(cores, "_cores", interrupted)
            with pytest.raises(KeyboardInterrupt), cores.at_work(2):
                pass
    assert not cores._busy.threads
    with cores.at_work(9) as all_of_them:
        assert all_of_them == 4
