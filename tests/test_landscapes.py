"""Landscapes: against SciPy, PyTorch's autograd, central differences and their minima."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import scipy.optimize

from glassnet import landscapes
from glassnet.landscapes import LANDSCAPES, landscape
from glassnet.optimizers import SGD

from support import numeric
from support.numeric import relative_error

NAMES = [land.name for land in LANDSCAPES]
each = pytest.mark.parametrize("land", LANDSCAPES, ids=NAMES)


def grid(land, count=9):
    x_min, x_max, y_min, y_max = land.window
    return np.meshgrid(np.linspace(x_min, x_max, count), np.linspace(y_min, y_max, count + 2))


# The formulas as their sources write them, on tensors or arrays, for autograd.
def textbook(xp):
    return {
        "bowl": lambda x, y: x * x + y * y,
        "ill_conditioned": lambda x, y: x * x / 2 + 25 * y * y,
        "rosenbrock": lambda x, y: 100 * (y - x * x) ** 2 + (1 - x) ** 2,
        "beale": lambda x, y: sum(
            (c - x * (1 - y**k)) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))
        ),
        "himmelblau": lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
        "rastrigin": lambda x, y: sum(10 + z * z - 10 * xp.cos(2 * np.pi * z) for z in (x, y)),
        "saddle": lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4,
    }


@each
def test_values_are_the_sources(land):
    x, y = grid(land)
    np.testing.assert_allclose(
        land.value(x, y), textbook(np)[land.name](x, y), rtol=1e-12, atol=1e-12
    )


def test_rosenbrock_is_scipys():
    x, y = grid(landscapes.rosenbrock)
    np.testing.assert_allclose(
        landscapes.rosenbrock.value(x, y), scipy.optimize.rosen(np.stack([x, y])), rtol=1e-12
    )
    for point in np.column_stack([x.ravel(), y.ravel()]):
        np.testing.assert_allclose(
            landscapes.rosenbrock.grad(point), scipy.optimize.rosen_der(point), rtol=1e-12
        )


@each
def test_gradient_by_central_differences(land):
    for point in np.random.default_rng(0).uniform(-2, 2, (20, 2)):
        assert relative_error(land.grad(point), numeric.gradient(land.fun, point)) < 1e-7


@pytest.mark.judge
@each
def test_gradient_beside_torchs_autograd(land):
    torch = pytest.importorskip("torch")
    x, y = (torch.tensor(axis, requires_grad=True) for axis in grid(land))
    textbook(torch)[land.name](x, y).sum().backward()
    for found, tensor in zip(land.gradient(*grid(land)), (x, y), strict=True):
        np.testing.assert_allclose(found, tensor.grad.numpy(), rtol=1e-12, atol=1e-9)


@each
def test_minima_are_level_lowest_and_all_there_are(land):
    x_min, x_max, y_min, y_max = land.window
    x, y = grid(land, 101)
    lowest = [land.fun(point) for point in land.minima]
    for point in land.minima:
        assert np.abs(land.grad(point)).max() < 1e-12
        assert x_min < point[0] < x_max
        assert y_min < point[1] < y_max
        found = scipy.optimize.minimize(land.fun, np.add(point, 0.02), jac=land.grad, tol=1e-12)
        np.testing.assert_allclose(found.x, point, atol=1e-7)
    assert max(lowest) - min(lowest) < 1e-25
    assert land.value(x, y).min() >= min(lowest) - 1e-15
    reached = set()  # from many places, SciPy gets to no point lower and to no other as low
    for start in np.argwhere(np.ones((9, 9))) - 3.97:
        found = scipy.optimize.minimize(land.fun, start, jac=land.grad, tol=1e-12)
        assert found.fun >= min(lowest) - 1e-12
        if found.fun < min(lowest) + 1e-9:
            distances = np.linalg.norm(np.array(land.minima) - found.x, axis=1)
            assert distances.min() < 1e-4
            reached.add(int(distances.argmin()))
    assert reached == set(range(len(land.minima)))


def test_values_at_the_minima():
    lowest = {land.name: land.fun(land.minima[0]) for land in LANDSCAPES}
    assert lowest.pop("saddle") == -0.25
    assert set(lowest.values()) == {0.0}


@pytest.mark.judge
def test_himmelblaus_minima_to_full_precision():
    mp = pytest.importorskip("mpmath")
    with mp.workdps(40):
        for point in landscapes.himmelblau.minima:
            exact = mp.findroot(
                lambda x, y: [
                    4 * x * (x * x + y - 11) + 2 * (x + y * y - 7),
                    2 * (x * x + y - 11) + 4 * y * (x + y * y - 7),
                ],
                point,
            )
            assert point == tuple(float(value) for value in exact)


def test_the_saddle_holds_up_a_descent_that_starts_near_its_ridge():
    land = landscapes.saddle
    np.testing.assert_array_equal(land.grad((0.0, 0.0)), [0, 0])
    curvature = [land.fun(d) for d in ((1e-3, 0.0), (0.0, 1e-3))]
    assert curvature[0] > 0 > curvature[1]
    path = SGD(0.1).minimize(land.fun, land.grad, land.start, 150)
    assert np.linalg.norm(path[45]) < 0.1  # at the saddle ...
    np.testing.assert_allclose(path[-1], land.minima[1], atol=1e-3)  # ... and past it


def test_ill_conditioned_bends_fifty_times_more_one_way():
    land = landscapes.ill_conditioned
    assert land.fun((0.0, 1.0)) == 50 * land.fun((1.0, 0.0))


@each
def test_the_picture_shows_the_start_and_levels_cross_it(land):
    x_min, x_max, y_min, y_max = land.window
    assert x_min < land.start[0] < x_max
    assert y_min < land.start[1] < y_max
    assert land.fun(land.start) > min(land.fun(point) for point in land.minima) + 0.1
    assert list(land.levels) == sorted(set(land.levels))
    heights = land.value(*grid(land, 201))
    crossed = [heights.min() < level < heights.max() for level in land.levels]
    assert all(crossed)
    assert len(crossed) >= 8


@each
def test_grids_and_points_agree_and_dtypes_are_kept(land):
    x, y = grid(land)
    assert land.value(x, y).shape == land.gradient(x, y)[0].shape == x.shape
    point = np.array([x[2, 3], y[2, 3]])
    assert land.fun(point) == land.value(x, y)[2, 3]
    np.testing.assert_array_equal(land.grad(point), [d[2, 3] for d in land.gradient(x, y)])
    assert type(land.fun(point)) is float
    single = x.astype(np.float32), y.astype(np.float32)
    for array in (land.value(*single), *land.gradient(*single)):
        assert array.dtype == np.float32


def test_look_up_by_name():
    assert [landscape(name) for name in NAMES] == list(LANDSCAPES)
    assert landscape(landscapes.beale) is landscapes.beale is landscape("beale")
    words = "unknown landscape 'bowls'; known: beale, bowl, him.*; did you mean bowl"
    with pytest.raises(ValueError, match=words):
        landscape("bowls")
    with pytest.raises(TypeError, match="landscape must be a name or a Landscape; got 3"):
        landscape(3)
    with pytest.raises(FrozenInstanceError):
        landscapes.bowl.start = (0.0, 0.0)
    assert repr(landscapes.bowl) == "<landscape bowl>"
