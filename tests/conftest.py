"""Settings of the whole suite."""

import os

import pytest
from hypothesis import settings

from glassnet import catalog
from glassnet.register import Register

# The same examples in every run: a first `make test` is no lottery.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

# Pictures are drawn where there is no display, and never wait for a window.
os.environ.setdefault("MPLBACKEND", "agg")

# Scripts, not tests: they need judges that may not be installed, or an environment of
# their own.
collect_ignore = ["data", "numpy_only.py"]


@pytest.fixture
def own_names(monkeypatch):
    """Forget at the test's end what it enters into the catalogue."""
    for register in ("_activations", "_losses", "_initializers"):
        shipped = getattr(catalog, register)
        monkeypatch.setattr(catalog, register, Register(shipped.kind, shipped.shipped))
