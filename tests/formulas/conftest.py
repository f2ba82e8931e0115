"""What tests of several formulas need."""

import pytest


@pytest.fixture
def torch():
    """PyTorch on one thread; the test is skipped where it is not installed."""
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(threads)
