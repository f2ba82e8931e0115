"""Every picture here is drawn without a display, and the user's settings survive it."""

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure


@pytest.fixture
def figure():
    """Return an empty figure that pyplot does not know."""
    return Figure(figsize=(7.0, 5.0))


@pytest.fixture(autouse=True)
def _leaves_no_trace():
    """Fail a test after which a setting has changed; close the figures it made."""
    import matplotlib.pyplot as plt

    # The backend is resolved when pyplot makes its first figure: that is pyplot's doing.
    before = {key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"}
    yield
    plt.close("all")
    after = {key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"}
    assert after == before
