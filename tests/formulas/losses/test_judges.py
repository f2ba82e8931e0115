"""Losses: against mpmath (recorded and live), PyTorch, scikit-learn and central differences."""

from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics
from sklearn.neural_network._base import LOSS_FUNCTIONS

from glassnet import catalog

from support.loss_cases import DTYPES, NAMES, WITH_PARAMETERS, sample, slope, value
from support.numeric import gradient, relative_error

TRUTH = np.load(Path(__file__).parents[2] / "data" / "losses.npz")
RECORDED = sorted(key.removesuffix("_value_float64") for key in TRUTH if "value_float64" in key)


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
def test_value_and_gradient_by_torch(text, weighted, torch):
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
