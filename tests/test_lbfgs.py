"""L-BFGS: against SciPy's older interface, another method, and known minima."""

import numpy as np
import pytest
import scipy.optimize

from glassnet import landscapes, schedules
from glassnet import optimizers as opt

from support.optimizer_rules import gradient, start, value


def loss_and_gradient(theta):
    return value(theta), gradient(theta)


@pytest.mark.parametrize(
    "name", ["bowl", "ill_conditioned", "rosenbrock", "beale", "himmelblau"]
)
def test_lbfgs_finds_a_minimum(name):
    land = landscapes.landscape(name)
    ours = opt.LBFGS(tolerance=1e-9, loss_tolerance=0.0)
    path = ours.minimize(land.fun, land.grad, land.start, steps=200)
    assert len(path) < 60  # never padded
    distances = np.linalg.norm(np.array(land.minima) - path[-1], axis=1)
    assert distances.min() < 1e-8
    heights = [land.fun(point) for point in path]
    assert np.all(np.diff(heights) < 1e-15)  # every iterate kept is an improvement


def test_lbfgs_is_scipys_own_iterates():
    seen = [start()]
    scipy.optimize.fmin_l_bfgs_b(
        loss_and_gradient, start(), m=4, pgtol=1e-7, callback=lambda x: seen.append(x.copy())
    )
    path = opt.LBFGS(memory=4, tolerance=1e-7).minimize(value, gradient, start(), 1000)
    np.testing.assert_array_equal(path, seen)


def test_lbfgs_ends_where_another_method_does():
    judge = scipy.optimize.minimize(value, start(), jac=gradient, method="BFGS", tol=1e-9)
    found, status = opt.LBFGS(tolerance=1e-9, loss_tolerance=0).run(
        loss_and_gradient, start(), 500
    )
    assert status == "converged"
    assert value(found) == pytest.approx(judge.fun, rel=1e-9)
    assert np.abs(gradient(found)).max() < 1e-7


def test_lbfgs_says_why_it_stopped():
    def run(ours=opt.LBFGS(), fun=loss_and_gradient, steps=500, callback=None):  # noqa: B008
        return ours.run(fun, start(), steps, callback)

    assert run()[1] == "converged"
    assert run(steps=3)[1] == "step limit"
    assert run(steps=0)[1] == "step limit"
    assert run(opt.LBFGS(max_evaluations=4))[1] == "evaluation limit"
    seen = []
    theta, status = run(callback=lambda theta: seen.append(theta) or len(seen) == 4)
    assert status == "stopped by the callback"
    assert len(seen) == 4
    np.testing.assert_array_equal(theta, seen[-1])
    assert run(fun=lambda x: (1.0, np.full(7, np.nan)))[1].startswith("no progress: ABNORMAL")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_lbfgs_never_calls_a_loss_that_is_not_finite_converged(bad):
    theta, status = opt.LBFGS().run(lambda x: (bad, x), start(), 50)
    assert status == "no progress: the loss is not finite"
    np.testing.assert_array_equal(theta, start())


def test_lbfgs_goes_back_to_the_last_point_with_a_finite_loss():
    seen, calls = [start()], []

    def fun(theta):
        calls.append(theta)
        return value(theta) if len(calls) < 12 else np.nan, gradient(theta)

    theta, status = opt.LBFGS().run(fun, start(), 50, seen.append)
    assert status == "no progress: the loss is not finite"
    assert any(np.array_equal(theta, point) for point in calls[:11])
    assert value(theta) < value(start())


def test_lbfgs_keeps_float32_and_what_it_is_given():
    theta, dtypes = start().astype(np.float32), set()

    def fun(x):
        dtypes.add(x.dtype)
        return loss_and_gradient(x)

    given = theta.copy()
    found, _ = opt.LBFGS().run(fun, given, 50)
    assert dtypes == {np.dtype(np.float32)}
    assert found.dtype == np.float32
    np.testing.assert_array_equal(given, theta)


def test_lbfgs_takes_no_schedule_and_needs_the_function():
    with pytest.raises(ValueError, match="no schedule"):
        opt.LBFGS().minimize(value, gradient, start(), 3, schedules.Cosine())
    with pytest.raises(TypeError, match="fun must be a function"):
        opt.LBFGS().minimize(None, gradient, start(), 3)
