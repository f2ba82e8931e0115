"""Landscapes of one's own functions: against SciPy, the named ones and sums by hand."""

import math

import numpy as np
import pytest
import scipy.optimize

from glassnet import landscapes
from glassnet.landscape_functions import spaced_levels
from glassnet.landscapes import LANDSCAPES, Landscape, of_function
from glassnet.optimizers import SGD
from glassnet.race import race


def rosen(x, y):
    return scipy.optimize.rosen(np.array([x, y]))


@pytest.mark.parametrize("named", LANDSCAPES, ids=lambda one: one.name)
def test_differences_are_the_named_ones_gradients(named):
    own = of_function(named.value, window=named.window)
    points = np.random.default_rng(1).uniform(-2, 2, (2, 50))
    for found, exact in zip(own.gradient(*points), named.gradient(*points), strict=True):
        scale = np.abs(exact).max()
        np.testing.assert_allclose(found / scale, exact / scale, atol=2e-9)


def test_scipys_rosenbrock_is_ours():
    own = of_function(rosen, window=(-2, 2, -1, 3), minima=[(1, 1)])
    assert own.name == "rosen"
    grid = np.meshgrid(np.linspace(-2, 2, 7), np.linspace(-1, 3, 5))
    np.testing.assert_allclose(own.value(*grid), landscapes.rosenbrock.value(*grid))
    point = np.array([-1.2, 1.0])
    np.testing.assert_allclose(own.grad(point), scipy.optimize.rosen_der(point), rtol=1e-7)
    assert own.minima == ((1.0, 1.0),)


def steps_and_sines(x, y):
    return math.sin(x) + (y if y > 0 else -2 * y)  # neither takes arrays


def test_a_function_that_no_array_suits_is_called_point_by_point():
    own = of_function(lambda x, y: x**2 + (1 / 0 if np.ndim(y) else y))
    np.testing.assert_array_equal(own.value(np.ones(3), np.arange(3.0)), [1, 2, 3])


@pytest.mark.parametrize(
    "function",
    [
        steps_and_sines,
        lambda x, y: 3 * x**2 - y,
        lambda x, y: [x * y],
        lambda x, y: float(x),
        lambda x, y: 1 / x if x else math.inf,
    ],
)
def test_a_function_of_numbers_or_of_arrays(function):
    own = of_function(function)
    x, y = np.meshgrid(np.linspace(-2, 2, 4), np.linspace(-1, 2, 3))
    expected = [np.ravel(function(a, b))[0] for a, b in zip(x.flat, y.flat, strict=True)]
    np.testing.assert_allclose(own.value(x, y), np.reshape(expected, x.shape))
    assert isinstance(own.fun([0.5, 0.25]), float)
    assert own.grad([0.5, 0.25]).shape == (2,)


def test_a_function_that_sums_over_arrays_is_called_point_by_point():
    own = of_function(lambda x, y: np.sum(np.square([x, y])))
    np.testing.assert_allclose(own.value(np.array([1.0, 2.0]), np.array([3.0, 4.0])), [10, 20])


def test_a_gradient_of_numbers_only():
    own = of_function(steps_and_sines, lambda x, y: (math.cos(x), 1 if y > 0 else -2))
    dx, dy = own.gradient(np.array([0.0, 1.0]), np.array([1.0, -1.0]))
    np.testing.assert_allclose(dx, [1, math.cos(1)])
    np.testing.assert_array_equal(dy, [1, -2])


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (lambda x, y: (2 * x, y), "df/dy at"),
        (lambda x, y: (-2 * x, 2 * y), "df/dx at"),
        (lambda x, y: (4 * x, 2 * y), "df/dx at"),
        (lambda x, y: (2 * y, 2 * x), "df/dx at"),
    ],
)
def test_a_wrong_gradient_is_found_once_and_where(gradient, words):
    with pytest.raises(ValueError, match=f"gradient must be that of f: {words}"):
        of_function(lambda x, y: x**2 + y**2, gradient)
    unchecked = of_function(lambda x, y: x**2 + y**2, gradient, check_gradient=False)
    assert unchecked.gradient(1.0, 2.0) == gradient(1.0, 2.0)


def test_a_kink_is_no_wrong_gradient():
    def slopes(x, y):
        return np.sign(x), np.sign(y)

    own = of_function(lambda x, y: np.abs(x) + np.abs(y), slopes, start=(0.0, 0.0))
    np.testing.assert_array_equal(own.grad([0.5, -0.5]), [1, -1])


def test_it_can_be_raced_like_a_named_one():
    own = of_function(landscapes.bowl.value, landscapes.bowl.gradient, (-3, 3, -3, 3))
    named = race("bowl", ["sgd", "adam"], 10, start=(2.0, 1.0))
    for mine, theirs in zip(
        race(own, ["sgd", "adam"], 10, start=(2.0, 1.0)), named, strict=True
    ):
        np.testing.assert_array_equal(mine.path, theirs.path)
    path = SGD(0.1).minimize(own.fun, own.grad, own.start, 5)
    assert own.fun(path[-1]) < own.fun(path[0])


def test_start_and_levels_suit_the_window():
    own = of_function(rosen, window=(-2, 2, -1, 3))
    x, y, heights = own.heights()
    assert heights.shape == (len(y), len(x)) == (240, 240)
    assert 0.70 < np.mean(heights < own.fun(own.start)) < 0.80  # a coarser grid chose it
    assert list(own.levels) == sorted(set(own.levels))
    assert all(heights.min() < level < heights.max() for level in own.levels)
    assert np.diff(own.levels)[0] < 0.1 * np.diff(own.levels)[-1]  # most of it lies low
    assert of_function(lambda x, y: 0 * x).levels == ()
    given = of_function(rosen, start=(0, 1), levels=[1, 5])
    assert (given.start, given.levels) == ((0.0, 1.0), (1.0, 5.0))


def test_levels_by_hand():
    # Heights 0, 1, 4, 9, ..., 10000: the median is 50², the 98th percentile 98².
    heights = np.arange(101.0) ** 2
    power = math.log(2500 / 9604) / math.log(1 / 2)
    np.testing.assert_allclose(spaced_levels(heights, 2), [2500, 9604])
    np.testing.assert_allclose(spaced_levels(heights, 4)[0], 9604 * 0.25**power)
    with_holes = np.append(heights, [np.nan, np.inf])
    assert spaced_levels(with_holes, 2) == spaced_levels(heights, 2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"f": 3}, TypeError, "f must be a function of two numbers, f(x, y); got 3"),
        ({"f": lambda theta: theta[0]}, TypeError, "f must take two numbers, f(x, y)"),
        ({"f": lambda x, y: (x, y)}, ValueError, "f must return one number"),
        ({"f": lambda x, y: "a"}, ValueError, "f must return one number"),
        ({"f": lambda x, y: x * np.nan}, ValueError, "f must be finite somewhere"),
        ({"gradient": 2}, TypeError, "gradient must be a function"),
        ({"gradient": lambda x, y: x}, ValueError, "gradient must return two numbers"),
        ({"window": (1, -1, 0, 1)}, ValueError, "window must be x_min, x_max"),
        ({"window": 3}, ValueError, "window must be x_min, x_max"),
        ({"start": (1, 2, 3)}, ValueError, "start must be given as two finite numbers"),
        ({"minima": [(1, np.nan)]}, ValueError, "minima must be given as two finite numbers"),
        ({"levels": [2, 1]}, ValueError, "levels must be finite numbers that ascend"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error) as raised:
        of_function(**{"f": lambda x, y: x * y, **arguments})
    assert str(raised.value).startswith(message)


def test_what_it_is():
    own = of_function(rosen, name="valley")
    assert isinstance(own, Landscape)
    assert repr(own) == "<landscape valley>"
    assert landscapes.landscape(own) is own
    assert of_function(lambda x, y: x * y).name == "function"
