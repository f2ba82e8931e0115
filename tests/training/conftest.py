"""Ctrl-C reaches Python in these tests, also where the suite was started to ignore it."""

import signal

import pytest


@pytest.fixture(autouse=True)
def ctrl_c():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
