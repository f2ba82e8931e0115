"""Initializers: against SciPy's tests of distribution, NumPy's draws, scikit-learn, PyTorch."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from glassnet import catalog, initializers

NAMES = [record.name for record in catalog.INITIALIZERS]
SHAPES = [(1, 1), (1, 7), (7, 1), (5, 5), (6, 3), (3, 6)]
RANDOM = [np.random.default_rng, np.random.RandomState]

# The standard deviation that each paper's rule gives to 300 inputs and 200 units.
NORMAL = {
    "normal": 0.1,
    "normal(0.3)": 0.3,
    "glorot_normal": math.sqrt(2 / 500),
    "he_normal": math.sqrt(2 / 300),
    "lecun_normal": math.sqrt(1 / 300),
}
# The greatest weight.
UNIFORM = {
    "uniform": 0.1,
    "uniform(0.5)": 0.5,
    "glorot_uniform": math.sqrt(6 / 500),
    "he_uniform": math.sqrt(6 / 300),
    "sklearn": math.sqrt(6 / 500),
    "sklearn(2)": math.sqrt(2 / 500),
}


def draw(text, fan_in, fan_out, rng):
    rule = catalog.initializer(text)
    return rule.weights(rng, fan_in, fan_out, **dict(rule.parameters))


@pytest.mark.parametrize("make_rng", RANDOM)
@pytest.mark.parametrize(("text", "scale"), NORMAL.items())
def test_normal_rules_by_kolmogorov_smirnov(text, scale, make_rng):
    W = draw(text, 300, 200, make_rng(0))
    assert stats.kstest(W.ravel(), stats.norm(scale=scale).cdf).pvalue > 0.01
    assert W.std() == pytest.approx(scale, rel=0.01)


@pytest.mark.parametrize("make_rng", RANDOM)
@pytest.mark.parametrize(("text", "bound"), UNIFORM.items())
def test_uniform_rules_by_kolmogorov_smirnov(text, bound, make_rng):
    W = draw(text, 300, 200, make_rng(0))
    assert stats.kstest(W.ravel(), stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01
    assert 0.999 * bound < np.abs(W).max() <= bound


def test_every_random_rule_is_tested_for_its_distribution():
    tested = {catalog.initializer(text).name for text in (*NORMAL, *UNIFORM)}
    assert tested == set(NAMES) - {"zeros", "constant", "orthogonal"}


@pytest.mark.judge
@pytest.mark.parametrize(
    ("name", "theirs", "arguments"),
    [
        ("glorot_uniform", "xavier_uniform_", {}),
        ("glorot_normal", "xavier_normal_", {}),
        ("he_uniform", "kaiming_uniform_", {"nonlinearity": "relu"}),
        ("he_normal", "kaiming_normal_", {"nonlinearity": "relu"}),
        ("lecun_normal", "kaiming_normal_", {"nonlinearity": "linear"}),
        ("normal(0.3)", "normal_", {"std": 0.3}),
        ("uniform(0.5)", "uniform_", {"a": -0.5, "b": 0.5}),
        ("constant(0.3)", "constant_", {"val": 0.3}),
        ("zeros", "zeros_", {}),
    ],
)
def test_distribution_by_torch(name, theirs, arguments, torch):
    W = torch.empty(200, 300, dtype=torch.float64)  # PyTorch stores (fan_out, fan_in)
    torch.manual_seed(0)
    expected = getattr(torch.nn.init, theirs)(W, **arguments).numpy()
    found = draw(name, 300, 200, np.random.default_rng(1))
    assert stats.ks_2samp(found.ravel(), expected.ravel()).pvalue > 0.01
    np.testing.assert_allclose(found.std(), expected.std(), rtol=0.02, atol=1e-15)


@pytest.mark.parametrize("gain", [1.0, 0.5, 2.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_orthogonal_turns_without_stretching(shape, gain):
    W = initializers.orthogonal(np.random.default_rng(0), *shape, gain)
    product = W.T @ W if shape[0] >= shape[1] else W @ W.T
    np.testing.assert_allclose(product, gain**2 * np.eye(min(shape)), atol=1e-14)


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5)])
def test_orthogonal_favours_no_direction(shape):
    # A coordinate x of a random direction in d dimensions: (x + 1) / 2 follows a Beta
    # distribution, for d = 3 an even one (Archimedes). SciPy is the judge.
    rng, half = np.random.default_rng(2), (max(shape) - 1) / 2
    corners = [initializers.orthogonal(rng, *shape)[0, 0] for _ in range(3000)]
    assert stats.kstest((np.array(corners) + 1) / 2, stats.beta(half, half).cdf).pvalue > 0.01


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("make_rng", RANDOM)
def test_shape_dtype_and_layout(name, shape, make_rng):
    W = draw(name, *shape, make_rng(0))
    assert W.shape == shape
    assert W.dtype == np.float64
    assert W.flags.c_contiguous
    assert W.flags.writeable


@pytest.mark.parametrize("make_rng", RANDOM)
@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_weights_again(name, make_rng):
    first, again, other = (draw(name, 4, 3, make_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    if name not in ("zeros", "constant"):
        assert not np.array_equal(first, other)


def test_normal_draws_the_notebook_s_weights():
    legacy = np.random.RandomState(42)
    ours = [initializers.normal(legacy, *shape, 0.1) for shape in ((2, 10), (10, 5), (5, 1))]
    np.random.seed(42)
    for W, shape in zip(ours, ((2, 10), (10, 5), (5, 1)), strict=True):
        np.testing.assert_array_equal(W, np.random.randn(*shape) * 0.1)


@pytest.mark.parametrize(("activation", "factor"), [("relu", 6.0), ("logistic", 2.0)])
def test_sklearn_rule_draws_sklearn_s_coefficients(activation, factor):
    X, y = np.random.default_rng(0).normal(size=(20, 4)), np.arange(20) % 3
    peer = MLPClassifier(
        (7, 5), activation, solver="sgd", learning_rate_init=1e-300, max_iter=1, random_state=11
    )
    with pytest.warns(ConvergenceWarning):
        peer.fit(X, y)
    rng = np.random.RandomState(11)
    for coef, intercept in zip(peer.coefs_, peer.intercepts_, strict=True):
        W = initializers.sklearn_weights(rng, *coef.shape, factor)
        b = initializers.sklearn_biases(rng, *coef.shape, factor)
        np.testing.assert_array_equal(W, coef)
        np.testing.assert_array_equal(b, intercept)


def test_only_sklearn_s_rule_draws_biases():
    assert [r.name for r in catalog.INITIALIZERS if r.biases is not None] == ["sklearn"]
    b = initializers.sklearn_biases(np.random.default_rng(3), 60, 4000)
    bound = math.sqrt(6 / 4060)
    assert b.shape == (4000,)
    assert stats.kstest(b, stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01


@pytest.mark.parametrize(
    ("rule", "activation", "low", "high"),
    [
        ("he_normal", "relu", 0.5, 2.0),
        ("he_uniform", "relu", 0.5, 2.0),
        ("lecun_normal", "selu", 0.7, 1.4),
        ("glorot_normal", "identity", 0.6, 1.6),
        ("orthogonal", "identity", 1 - 1e-12, 1 + 1e-12),
        ("normal(0.01)", "tanh", 0.0, 1e-12),  # dies out
        ("glorot_normal", "relu", 0.0, 1e-3),  # half of it is lost in every layer
    ],
)
def test_signal_through_twenty_layers(rule, activation, low, high):
    rng = np.random.default_rng(4)
    a = start = rng.normal(size=(200, 200))
    for _ in range(20):
        a = catalog.activation(activation)(a @ draw(rule, 200, 200, rng))
    assert low <= np.mean(a**2) / np.mean(start**2) <= high


@pytest.mark.parametrize(
    ("function", "parameter"),
    [
        (initializers.normal, "scale"),
        (initializers.uniform, "scale"),
        (initializers.orthogonal, "gain"),
        (initializers.sklearn_weights, "factor"),
        (initializers.sklearn_biases, "factor"),
    ],
)
@pytest.mark.parametrize("wrong", [-0.1, math.nan, math.inf])
def test_wrong_sizes_are_refused(function, parameter, wrong):
    rule = f"{parameter} must be finite and not negative; got {wrong}"
    with pytest.raises(ValueError, match=rule):
        function(np.random.default_rng(0), 2, 3, wrong)


@pytest.mark.parametrize("wrong", [math.nan, -math.inf])
def test_a_constant_that_is_not_finite_is_refused(wrong):
    with pytest.raises(ValueError, match=f"value must be a finite number; got {wrong}"):
        initializers.constant(np.random.default_rng(0), 2, 3, wrong)


def test_zeros_and_constant():
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    assert np.all(initializers.zeros(rng, 3, 2) == 0)
    assert np.all(initializers.constant(rng, 3, 2, -0.7) == -0.7)
    assert rng.bit_generator.state == state


def test_the_namespace_is_the_formulas():
    from glassnet.formulas import initializers as formulas

    assert initializers.__all__ == formulas.__all__
    assert initializers.he_normal is formulas.he_normal


@pytest.mark.parametrize(
    "text", [r.name for r in catalog.INITIALIZERS if r.name not in ("zeros", "constant")]
)
@pytest.mark.parametrize("rng", [0, None])
def test_what_is_no_random_generator_is_refused(text, rng):
    with pytest.raises(TypeError, match=f"rng must be a numpy Generator .*; got {rng}"):
        draw(text, 2, 3, rng)


@pytest.mark.parametrize("rng", [0, None])
def test_biases_need_a_random_generator_too(rng):
    with pytest.raises(TypeError, match="rng must be a numpy Generator"):
        initializers.sklearn_biases(rng, 2, 3)
