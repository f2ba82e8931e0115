"""Results do not depend on the number of BLAS threads, and the user's limit comes back."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from glassnet import MLP
from glassnet.engines.threads import one_blas_thread


def blas_threads():
    return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


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
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        assert one_blas_thread(blas_threads)() == {1}
        assert blas_threads() == before
        with pytest.raises(ZeroDivisionError):
            one_blas_thread(lambda: 1 / 0)()
        assert blas_threads() == before
