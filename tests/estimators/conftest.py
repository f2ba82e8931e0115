"""Settings of the tests of estimators."""

import numpy as np
import pytest
import scipy.optimize
from threadpoolctl import threadpool_limits

from glassnet.engines import choice
from glassnet.estimators import row_engines


@pytest.fixture(autouse=True, scope="module")
def one_blas_thread():
    """Keep scikit-learn's side to one thread: on a busy machine more are far slower."""
    with threadpool_limits(1, "blas"):
        yield


@pytest.fixture(params=["numpy", "numba"])
def each_engine(request, monkeypatch):
    """Let a perceptron's ``engine="auto"`` mean one engine and then the other."""
    if request.param == "numba":
        pytest.importorskip("numba")
    worth_it = {"numpy": float("inf"), "numba": 0}[request.param]
    monkeypatch.setattr(row_engines, "_WORTH_IT", worth_it)
    return request.param


@pytest.fixture(
    scope="module",
    params=["numpy", pytest.param("numba", marks=pytest.mark.slow)],
)
def each_mlp_engine(request):
    """Let an MLP's ``engine="auto"`` mean one engine and then the other, where it can."""
    if request.param == "numba":
        pytest.importorskip("numba")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choice, "_SMALL_SECONDS", {"numpy": np.inf, "numba": 0.0}[request.param])
        yield request.param


@pytest.fixture
def handed_to_scipy(monkeypatch):
    """Each fit by L-BFGS leaves here its function of a vector, and where it starts from."""
    handed, original = [], scipy.optimize.minimize

    def spy(fun, x0, args=(), **options):
        handed.append((lambda x: fun(x, *args), np.array(x0)))
        return original(fun, x0, args=args, **options)

    monkeypatch.setattr(scipy.optimize, "minimize", spy)
    return handed
