"""Losses: against mpmath (recorded and live), PyTorch, scikit-learn and central differences."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.neural_network._base import LOSS_FUNCTIONS

from glassnet import catalog
from glassnet.formulas import losses

from support.namespaces import rebound
from support.numeric import gradient, relative_error

TRUTH = np.load(Path(__file__).parents[1] / "data" / "losses.npz")
RECORDED = sorted(key.removesuffix("_value_float64") for key in TRUTH if "value_float64" in key)
NAMES = [record.name for record in catalog.LOSSES]
WITH_PARAMETERS = [
    *NAMES,
    "huber(0.3)",
    "quantile(0.8)",
    "binary_cross_entropy(0.2)",
    "categorical_cross_entropy(0.2)",
]
DTYPES = [np.float32, np.float64]


def value(text, y, f):
    record = catalog.loss(text)
    return record.value(y, f, **dict(record.parameters))


def slope(text, y, f):
    record = catalog.loss(text)
    return record.gradient(y, f, **dict(record.parameters))


def sample(text, n=40, k=3, seed=0):
    """Return targets that the loss can take, logits and weights; no logit near a kink."""
    rng = np.random.default_rng(seed)
    record = catalog.loss(text)
    f = 2 * rng.standard_normal((n, k))
    if record.task == "multiclass":
        y = np.eye(k)[rng.integers(k, size=n)]
    elif record.task == "binary":
        y = rng.integers(0, 2, (n, k)).astype(float)
    elif record.bounds[0] == 0:
        y = rng.poisson(2.0, (n, k)).astype(float)
    else:
        y = f + rng.uniform(0.05, 4.0, (n, k)) * rng.choice([-1, 1], (n, k))
    f += 1e-3 * (np.abs(np.abs(f) - 1) < 1e-3)  # the hinges' corner
    return y, f, rng.uniform(0.1, 3.0, n)


# --- the truth -------------------------------------------------------------------------


def bound_on_value(text, f, exact, exact_slope):
    """Return 8 roundings of the value; for Poisson of the logit too, which it magnifies."""
    eps, tiny = np.finfo(f.dtype).eps, np.finfo(f.dtype).tiny
    size = np.abs(exact.astype(float))
    if text.startswith("poisson"):
        size = size + np.abs(exact_slope.astype(float)) * np.maximum(1, np.abs(f))
    return 8 * eps * size + tiny


def assert_exact(text, y, f, exact, exact_slope):
    """Check value and gradient, and that each is inf where it overflows."""
    columns = (y, f) if y.ndim == 2 else (y[:, None], f[:, None])
    found, found_slope = value(text, *columns), slope(text, *columns).reshape(f.shape)
    assert found.dtype == found_slope.dtype == f.dtype
    assert np.all(found >= 0)
    assert not np.any(np.signbit(found))
    slack = bound_on_value(text, f, exact, exact_slope)
    assert_within(found, exact, slack)
    targets = y if text == "poisson" else 0
    size = np.maximum(1, np.maximum(np.abs(exact_slope.astype(float)), targets))
    assert_within(found_slope, exact_slope, 8 * np.finfo(f.dtype).eps * size)


def assert_within(found, exact, slack):
    infinite = np.isinf(exact)
    np.testing.assert_array_equal(found[infinite], exact[infinite])
    error = np.abs(found[~infinite].astype(float) - exact[~infinite])
    assert np.all(error <= slack[~infinite]), np.max(error / slack[~infinite])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", RECORDED)
def test_recorded_truth_by_mpmath(text, dtype):
    parts = ("y", "f", "value", "gradient")
    assert_exact(text, *(TRUTH[f"{text}_{part}_{dtype.__name__}"] for part in parts))


def test_every_loss_is_recorded():
    assert {catalog.loss(text).name for text in RECORDED} == set(NAMES)


@pytest.mark.judge
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", RECORDED)
def test_live_truth_by_mpmath(text, dtype):
    mp = pytest.importorskip("mpmath")
    from data import record_losses

    y, f, _ = sample(text, k=4 if text.startswith("categorical") else 1, seed=1)
    y, f = y.astype(dtype), (3 * f).astype(dtype)
    with mp.workdps(60):
        if text in record_losses.CATEGORICAL:
            smoothing = record_losses.CATEGORICAL[text]
            pairs = [
                record_losses.categorical(*map(record_losses.exact, row), smoothing)
                for row in zip(y, f, strict=True)
            ]
        else:
            _, at, slope_at = record_losses.ONE_OUTPUT[text]
            y, f = y[:, 0], f[:, 0]
            exact = map(record_losses.exact, (y, f))
            pairs = [(at(*pair), slope_at(*pair)) for pair in zip(*exact, strict=True)]
    values = np.array([float(one) for one, _ in pairs])
    slopes = [[float(x) for x in (g if isinstance(g, list) else [g])] for _, g in pairs]
    assert_exact(text, y, f, values, np.array(slopes).reshape(f.shape))


# --- gradients -------------------------------------------------------------------------


@pytest.mark.parametrize("text", WITH_PARAMETERS)
def test_gradient_by_central_differences(text):
    y, f, weight = sample(text)
    record = catalog.loss(text)
    for w in (None, weight):
        numeric = gradient(lambda f, w=w: record.mean(y, f, w), f)
        assert relative_error(record.mean_gradient(y, f, w), numeric) < 1e-7


def torch_losses(torch):
    """Return PyTorch's own loss for each name: (y, f, **parameters) -> (n, k) or (n,)."""
    F = torch.nn.functional

    def binary(y, f, smoothing=0.0):
        target = torch.lerp(y, torch.full_like(y, 0.5), smoothing)
        return F.binary_cross_entropy_with_logits(f, target, reduction="none")

    def categorical(y, f, smoothing=0.0):
        return F.cross_entropy(f, y, reduction="none", label_smoothing=smoothing)

    def hinge(y, f):  # F.hinge_embedding_loss is max(0, margin - x) where the target is -1
        margin = torch.where(y == 1, f, -f)
        return F.hinge_embedding_loss(margin, -torch.ones_like(f), reduction="none")

    def squared_hinge(y, f):  # two classes whose scores are 0 and f; the mean of their terms
        scores = torch.stack([torch.zeros_like(f), f], dim=-1).reshape(-1, 2)
        each = F.multi_margin_loss(scores, y.reshape(-1).long(), p=2, reduction="none")
        return 2 * each.reshape(f.shape)

    def poisson(y, f):
        constant = torch.special.xlogy(y, y) - y
        return F.poisson_nll_loss(f, y, log_input=True, reduction="none") + constant

    return {
        "squared_error": lambda y, f: F.mse_loss(f, y, reduction="none") / 2,
        "absolute_error": lambda y, f: F.l1_loss(f, y, reduction="none"),
        "huber": lambda y, f, delta: F.huber_loss(f, y, reduction="none", delta=delta),
        "quantile": lambda y, f, q: torch.maximum(q * (y - f), (q - 1) * (y - f)),
        "poisson": poisson,
        "binary_cross_entropy": binary,
        "categorical_cross_entropy": categorical,
        "hinge": hinge,
        "squared_hinge": squared_hinge,
    }


@pytest.mark.judge
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("text", WITH_PARAMETERS)
def test_value_and_gradient_by_torch(text, weighted):
    torch = pytest.importorskip("torch")
    y, f, weight = sample(text, seed=2)
    record = catalog.loss(text)
    logits = torch.tensor(f, requires_grad=True)
    each = torch_losses(torch)[record.name](torch.tensor(y), logits, **dict(record.parameters))
    each = each.sum(dim=1) if each.ndim == 2 else each
    w = torch.tensor(weight) if weighted else torch.ones(len(y), dtype=torch.float64)
    expected = (w * each).sum() / w.sum()
    expected.backward()
    w = weight if weighted else None
    np.testing.assert_allclose(value(text, y, f), each.detach().numpy(), rtol=1e-14, atol=1e-15)
    assert record.mean(y, f, w) == pytest.approx(expected.item(), rel=1e-14)
    np.testing.assert_allclose(record.mean_gradient(y, f, w), logits.grad.numpy(), atol=1e-16)


# --- scikit-learn ----------------------------------------------------------------------


def sklearn_loss(text, y, f, weight):
    """Return scikit-learn's figure for one output, in our measure."""
    y, f, w = y[:, 0], f[:, 0], {"sample_weight": weight}
    p = 1 / (1 + np.exp(-f))
    return {
        "squared_error": lambda: metrics.mean_squared_error(y, f, **w) / 2,
        "absolute_error": lambda: metrics.mean_absolute_error(y, f, **w),
        "quantile": lambda: metrics.mean_pinball_loss(y, f, alpha=0.5, **w),
        "quantile(0.8)": lambda: metrics.mean_pinball_loss(y, f, alpha=0.8, **w),
        "poisson": lambda: metrics.mean_poisson_deviance(y, np.exp(f), **w) / 2,
        "binary_cross_entropy": lambda: metrics.log_loss(y, p, **w),
        "hinge": lambda: metrics.hinge_loss(y, f, **w),
    }[text]()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "squared_error",
        "absolute_error",
        "quantile",
        "quantile(0.8)",
        "poisson",
        "binary_cross_entropy",
        "hinge",
    ],
)
def test_mean_by_sklearn_metrics(text, weighted):
    y, f, weight = sample(text, k=1, seed=3)
    weight = weight if weighted else None
    expected = sklearn_loss(text, y, f, weight)
    assert catalog.loss(text).mean(y, f, weight) == pytest.approx(expected, rel=1e-13)


def test_categorical_cross_entropy_by_sklearn_log_loss():
    y, f, weight = sample("categorical_cross_entropy", seed=4)
    p = np.exp(f) / np.exp(f).sum(axis=1, keepdims=True)
    expected = metrics.log_loss(y.argmax(axis=1), p, sample_weight=weight)
    found = catalog.loss("categorical_cross_entropy").mean(y, f, weight)
    assert found == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("poisson", "poisson"),
        ("binary_cross_entropy", "binary_log_loss"),
        ("categorical_cross_entropy", "log_loss"),
    ],
)
def test_mean_over_several_outputs_by_sklearn_mlp(ours, theirs):
    y, f, weight = sample(ours, seed=5)
    prediction = catalog.activation(catalog.loss(ours).link)(f)
    expected = LOSS_FUNCTIONS[theirs](y, prediction, weight)
    assert catalog.loss(ours).mean(y, f, weight) == pytest.approx(expected, rel=1e-13)


# --- extreme input ---------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", WITH_PARAMETERS)
def test_extreme_logits_are_finite_and_silent(text, dtype):
    reach = {np.float32: 80.0, np.float64: 1e4}[dtype]
    y = np.eye(2, dtype=dtype)
    for size in (float(np.finfo(dtype).smallest_subnormal), reach, 1e30, np.inf):
        for f in ([[size, -size], [size, -size]], [[0.0, size], [-size, 0.0]]):
            f = np.array(f, dtype)
            found, gradient = value(text, y, f), slope(text, y, f)
            assert found.dtype == gradient.dtype == dtype
            assert not np.isnan(found).any()
            assert not np.isnan(gradient).any()
            if size <= reach and not (text == "poisson" and dtype is np.float64):
                assert np.isfinite(found).all()
                assert np.isfinite(gradient).all()


@pytest.mark.parametrize(
    ("text", "y", "f", "limit"),
    [
        ("binary_cross_entropy", [[1.0]], [[np.inf]], 0),
        ("binary_cross_entropy", [[0.0]], [[-np.inf]], 0),
        ("binary_cross_entropy", [[0.0]], [[np.inf]], np.inf),
        ("binary_cross_entropy", [[0.5]], [[-np.inf]], np.inf),
        ("categorical_cross_entropy", [[1.0, 0.0]], [[np.inf, 3.0]], 0),
        ("categorical_cross_entropy", [[1.0, 0.0]], [[3.0, -np.inf]], 0),
        ("categorical_cross_entropy", [[0.0, 1.0]], [[np.inf, 3.0]], np.inf),
        ("hinge", [[1.0]], [[np.inf]], 0),
        ("hinge", [[0.0]], [[np.inf]], np.inf),
        ("squared_hinge", [[0.0]], [[-np.inf]], 0),
        ("poisson", [[0.0]], [[-np.inf]], 0),
        ("poisson", [[2.0]], [[-np.inf]], np.inf),
        ("poisson", [[2.0]], [[np.inf]], np.inf),
        ("squared_error", [[2.0]], [[-np.inf]], np.inf),
        ("huber", [[2.0]], [[-np.inf]], np.inf),
    ],
)
def test_infinite_logits_give_the_limit(text, y, f, limit):
    assert value(text, np.array(y), np.array(f)).tolist() == [limit]


@pytest.mark.parametrize("text", NAMES)
def test_nan_passes_through_the_value(text):
    y, f, _ = sample(text, n=2)
    f[0, 1] = np.nan
    assert np.isnan(value(text, y, f)).tolist() == [True, False]


@pytest.mark.parametrize("text", ["binary_cross_entropy", "categorical_cross_entropy", "hinge"])
def test_a_wrong_answer_costs_its_logit(text):
    y, f = np.array([[0.0, 1.0]]), np.array([[1e4, -1e4]])
    cost = {"categorical_cross_entropy": 2e4, "hinge": 2e4 + 2}.get(text, 2e4)
    assert value(text, y, f).tolist() == [cost]
    assert np.all(np.sign(slope(text, y, f)) == [1, -1])


def test_the_gradient_of_a_nearly_right_answer_stays_alive():
    for dtype in DTYPES:
        y, f = np.ones((1, 1), dtype), np.full((1, 1), 40, dtype)
        found = slope("binary_cross_entropy", y, f)
        np.testing.assert_allclose(found, -np.exp(-40), rtol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", NAMES)
def test_inputs_are_left_alone(text, dtype):
    y, f = (x.astype(dtype) for x in sample(text)[:2])
    y.flags.writeable = f.flags.writeable = False
    value(text, y, f)
    assert not np.shares_memory(slope(text, y, f), f)


@pytest.mark.judge
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", NAMES)
def test_formulas_use_only_the_array_api_standard(text, dtype):
    strict = pytest.importorskip("array_api_strict")
    y, f, weight = (x.astype(dtype) for x in sample(text, seed=11))
    record = catalog.loss(text)
    mean, mean_gradient = losses.weighted_mean, losses.weighted_gradient
    for formula, batch in ((record.value, mean), (record.gradient, mean_gradient)):
        ours = formula(y, f, **dict(record.parameters))
        portable = rebound(formula, strict)(
            *map(strict.asarray, (y, f)), **dict(record.parameters)
        )
        assert portable.dtype == getattr(strict, dtype)
        np.testing.assert_array_equal(np.asarray(portable), ours)
        over_batch = rebound(batch, strict)(portable, strict.asarray(weight))
        np.testing.assert_allclose(np.asarray(over_batch), batch(ours, weight), rtol=1e-6)


# --- what each loss is for -------------------------------------------------------------


def test_exactly_right_is_plus_zero():
    y = np.eye(3)
    for text in ("binary_cross_entropy", "categorical_cross_entropy", "hinge", "squared_hinge"):
        found = value(text, y, np.where(y == 1, 1e4, -1e4))
        assert found.tolist() == [0.0, 0.0, 0.0]
        assert not np.signbit(found).any()
    for text in ("squared_error", "absolute_error", "huber", "quantile"):
        found = value(text, y - 0.3, y - 0.3)
        assert found.tolist() == [0.0, 0.0, 0.0]
        assert not np.signbit(found).any()
    one_class = value("categorical_cross_entropy", np.ones((2, 1)), np.zeros((2, 1)))
    assert not np.signbit(one_class).any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_poisson_is_never_negative_near_its_minimum(dtype):
    y = np.array([1, 3, 7, 1000, 0.1], dtype)
    steps = np.concatenate([[0], np.logspace(-18, 0, 400)])
    for sign in (-1, 1):
        f = (np.log(y)[:, None] + sign * steps).astype(dtype).reshape(-1, 1)
        found = value("poisson", np.repeat(y, len(steps))[:, None], f)
        assert np.all(found >= 0)
        assert not np.signbit(found).any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("absolute_error", 0.0), ("quantile(0.9)", 0.0), ("huber", 0.0)],
)
def test_slope_is_zero_where_the_prediction_is_right(text, expected):
    y = np.array([[1.25, -3.0]])
    assert slope(text, y, y).tolist() == [[expected, expected]]


def test_slope_is_zero_at_the_corner_of_the_hinge():
    y, f = np.array([[1.0, 0.0]]), np.array([[1.0, -1.0]])
    assert np.all(slope("hinge", y, f) == 0)
    inside = np.nextafter(f, 0)
    assert slope("hinge", y, inside).tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize("q", [0.1, 0.5, 0.93])
def test_the_best_constant_of_the_quantile_loss_is_the_quantile(q):
    y = np.random.default_rng(0).standard_exponential(501)
    candidates = np.sort(y)
    n = len(y)
    cost = [
        catalog.loss(f"quantile({q})").mean(y[:, None], np.full((n, 1), c)) for c in candidates
    ]
    expected = np.quantile(y, q, method="inverted_cdf")  # NumPy is the judge
    assert candidates[np.argmin(cost)] == expected


def test_huber_tends_to_the_squared_and_to_the_absolute_error():
    y, f, _ = sample("huber", seed=6)
    np.testing.assert_array_equal(value("huber(1e6)", y, f), value("squared_error", y, f))
    small = value("huber(1e-9)", y, f) / 1e-9
    np.testing.assert_allclose(small, value("absolute_error", y, f), rtol=1e-7)


@pytest.mark.parametrize("text", ["hinge", "squared_hinge", "binary_cross_entropy"])
def test_several_outputs_are_as_many_questions(text):
    y, f, _ = sample(text, k=3, seed=7)
    each = [value(text, y[:, [k]], f[:, [k]]) for k in range(3)]
    np.testing.assert_allclose(value(text, y, f), np.sum(each, axis=0), rtol=1e-15)
    columns = [slope(text, y[:, [k]], f[:, [k]]) for k in range(3)]
    np.testing.assert_array_equal(slope(text, y, f), np.hstack(columns))


def test_two_classes_are_one_question():
    rng = np.random.default_rng(8)
    y, f = rng.integers(0, 2, (30, 1)).astype(float), rng.normal(size=(30, 1))
    two = value("categorical_cross_entropy", np.hstack([1 - y, y]), np.hstack([0 * f, f]))
    np.testing.assert_allclose(value("binary_cross_entropy", y, f), two, rtol=1e-14)


@pytest.mark.parametrize("text", ["binary_cross_entropy", "categorical_cross_entropy"])
def test_targets_of_any_sum_have_their_own_gradient(text):
    rng = np.random.default_rng(9)
    y, f = rng.uniform(0, 1, (5, 4)), rng.normal(size=(5, 4))
    numeric = gradient(lambda f: np.sum(value(text, y, f)), f)
    assert relative_error(slope(text, y, f), numeric) < 1e-8


finite = st.floats(-1e3, 1e3, width=32)


@settings(max_examples=200, deadline=None)
@given(
    text=st.sampled_from([t for t in WITH_PARAMETERS if "categorical" not in t]),
    numbers=st.tuples(finite, finite),
    yes=st.booleans(),
)
def test_no_loss_is_negative_and_none_rises_along_minus_its_gradient(text, numbers, yes):
    record = catalog.loss(text)
    y = np.array([[float(yes) if record.task == "binary" else numbers[0]]])
    y = np.clip(y, *record.bounds)
    f = np.array([[min(numbers[1], 300.0)]])
    before, direction = value(text, y, f), slope(text, y, f)
    assert before >= 0
    step = 1e-3 / max(1.0, float(np.exp(f[0, 0])) if text == "poisson" else 2.0)
    after = value(text, y, f - step * direction)
    kink = abs(step * direction[0, 0])  # a step may overshoot a kink by its own length
    assert after <= before + kink + 1e-9 * before


# --- bad input -------------------------------------------------------------------------


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize("shapes", [((5,), (5, 1)), ((5,), (5,)), ((5, 2), (5, 1))], ids=str)
def test_shapes_that_would_broadcast_are_refused(text, shapes):
    y, f = np.ones(shapes[0]), np.ones(shapes[1])
    for function in (value, slope):
        with pytest.raises(ValueError, match=r"y and f must have one shape.*\(5,"):
            function(text, y, f)


@pytest.mark.parametrize(
    ("function", "parameter", "wrong", "rule"),
    [
        (losses.huber, "delta", 0.0, "positive and finite"),
        (losses.huber, "delta", -1.0, "positive and finite"),
        (losses.huber, "delta", float("inf"), "positive and finite"),
        (losses.huber_gradient, "delta", float("nan"), "positive and finite"),
        (losses.quantile, "q", 0.0, "strictly between 0 and 1"),
        (losses.quantile_gradient, "q", 1.0, "strictly between 0 and 1"),
        (losses.binary_cross_entropy, "smoothing", 1.0, r"\[0, 1\)"),
        (losses.binary_cross_entropy_gradient, "smoothing", -0.1, r"\[0, 1\)"),
        (losses.categorical_cross_entropy, "smoothing", float("nan"), r"\[0, 1\)"),
        (losses.categorical_cross_entropy_gradient, "smoothing", 2.0, r"\[0, 1\)"),
    ],
)
def test_wrong_parameters_are_refused(function, parameter, wrong, rule):
    with pytest.raises(ValueError, match=f"{parameter} must .*{rule}.*; got {wrong}"):
        function(np.ones((1, 2)), np.zeros((1, 2)), wrong)


# --- weights ---------------------------------------------------------------------------


def test_weighted_mean_by_numpy_average():
    rng = np.random.default_rng(10)
    cost, weight = rng.uniform(0, 9, 50), rng.uniform(0, 2, 50)
    assert losses.weighted_mean(cost) == pytest.approx(np.mean(cost), rel=1e-15)
    expected = np.average(cost, weights=weight)
    assert losses.weighted_mean(cost, weight) == pytest.approx(expected, rel=1e-14)
    assert isinstance(losses.weighted_mean(cost.astype(np.float32), weight), float)


def test_a_weight_of_two_is_the_sample_twice():
    y, f, _ = sample("poisson", n=4)
    record, twice = catalog.loss("poisson"), [0, 1, 1, 2, 3, 3]
    weight = np.array([1.0, 2.0, 1.0, 2.0])
    expected = record.mean(y[twice], f[twice])
    assert record.mean(y, f, weight) == pytest.approx(expected, rel=1e-14)
    rows = record.mean_gradient(y[twice], f[twice])
    repeated = np.add.reduceat(rows, [0, 1, 3, 4], axis=0)
    np.testing.assert_allclose(record.mean_gradient(y, f, weight), repeated, rtol=1e-14)


def test_a_sample_of_weight_zero_does_not_count():
    weight = np.array([0.0, 1.0, 3.0])
    for bad in (np.inf, np.nan):
        assert losses.weighted_mean(np.array([bad, 2.0, 6.0]), weight) == 5.0
        rows = losses.weighted_gradient(np.array([[bad], [2.0], [6.0]]), weight)
        assert rows.tolist() == [[0.0], [0.5], [4.5]]


def test_no_weight_at_all_is_no_loss_and_no_gradient():
    zero = np.zeros(3)
    assert losses.weighted_mean(np.ones(3), zero) == 0.0
    assert losses.weighted_gradient(np.ones((3, 2)), zero).tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_the_size_of_all_weights_does_not_matter(scale):
    cost, weight = np.array([1.0, 5.0]), np.array([3.0, 1.0])
    assert losses.weighted_mean(cost, scale * weight) == pytest.approx(2.0, rel=1e-15)


@pytest.mark.parametrize("dtype", DTYPES)
def test_weights_do_not_change_the_dtype(dtype):
    rows = np.ones((4, 2), dtype)
    for weight in (None, np.ones(4), np.ones(4, np.float32)):
        assert losses.weighted_gradient(rows, weight).dtype == dtype


@pytest.mark.parametrize("shape", [(4, 1), (3,), ()])
def test_weights_of_another_shape_are_refused(shape):
    for function, of in (
        (losses.weighted_mean, np.ones(4)),
        (losses.weighted_gradient, np.ones((4, 2))),
    ):
        with pytest.raises(ValueError, match=r"weight must hold one number per sample.*\(4,\)"):
            function(of, np.ones(shape))
