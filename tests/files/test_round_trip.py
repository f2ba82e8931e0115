"""What `load` returns is the model that was saved, bit for bit, and it trains on alike."""

import copy
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import (
    MLP,
    MLPClassifier,
    MLPRegressor,
    Perceptron,
    catalog,
    load,
    optimizers,
    save,
    schedules,
)

pytestmark = pytest.mark.filterwarnings("ignore")

X = np.random.RandomState(0).randn(30, 3)
y = X[:, 0] - X[:, 1] ** 2
LABELS = {
    "two": (y > 0).astype(int),
    "text": np.array(["no", "yes, sir"])[(y > 0).astype(int)],
    "object": np.array(["a", "b", "c"], object)[np.arange(30) % 3],
    "bool": y > 0,
    "several": np.column_stack([y > 0, X[:, 2] > 0]).astype(int),
}
RULES = [rule.name for rule in catalog.OPTIMIZERS if rule is not optimizers.LBFGS]
HIDDEN = [record.name for record in catalog.ACTIVATIONS if not record.rowwise]


def again(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    save(model, path)
    return load(path)


def same(a, b):
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        assert a.tolist() == b.tolist() or np.array_equal(a, b, equal_nan=True)
    elif isinstance(a, np.random.RandomState):
        assert str(a.get_state()) == str(b.get_state())
    elif isinstance(a, np.random.Generator):
        assert str(a.bit_generator.state) == str(b.bit_generator.state)
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            same(one, other)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        same(list(a.values()), list(b.values()))
    elif type(a).__name__ in ("State", "History", "Best", "Rates", "LabelBinarizer"):
        same(vars(a), dict(sorted(vars(b).items(), key=lambda kv: list(vars(a)).index(kv[0]))))
    else:
        assert a == b or (a != a and b != b)


def same_model(a, b):
    assert set(vars(a)) == set(vars(b))
    for name in vars(a):
        if name not in ("loss_", "best_loss_", "best_validation_score_", "mistakes_"):
            if name.endswith("curve_") or name == "validation_scores_":
                assert np.array_equal(vars(a)[name] or [], vars(b)[name] or [], equal_nan=True)
            else:
                same(vars(a)[name], vars(b)[name])
    assert getattr(a, "loss_", 0) == getattr(b, "loss_", 0) or np.isnan(a.loss_)


def quietly(function, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **options)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_an_mlp_goes_on_as_the_one_that_was_saved(tmp_path_factory, data):
    draw = data.draw
    depth = draw(st.integers(0, 3))
    each = [draw(st.sampled_from(HIDDEN)) for _ in range(depth)]
    norms = [draw(st.sampled_from([None, "batch", "layer"])) for _ in range(depth)]
    seed = draw(st.sampled_from([3, np.random.RandomState(1)]))
    bits = draw(st.sampled_from([np.random.PCG64, np.random.Philox, np.random.SFC64]))
    sizes = [3, *draw(st.lists(st.integers(1, 6), min_size=depth, max_size=depth)), 1]
    dropout = draw(st.sampled_from([0.0, 0.3]))
    seed = draw(st.sampled_from([seed, np.random.Generator(bits(5))]))
    net = MLP(sizes, each, dropout=dropout, norm=norms, alpha=0.1, seed=copy.deepcopy(seed))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    rule = f"{draw(st.sampled_from(RULES))}(0.001)"
    options = {"optimizer": rule, "epochs": 2, "batch_size": 7, "metrics": ["r2"]}
    for _ in range(draw(st.integers(0, 2))):
        quietly(net.fit, X.astype(dtype), y, X_val=X, y_val=y, **options)
    other = again(net, tmp_path_factory)
    same_model(net, other)
    assert np.array_equal(net.forward(X), other.forward(X))
    for one in (net, other):
        quietly(one.fit, X.astype(dtype), y, schedule="cosine", **options)
        one.history.seconds.clear()
    same_model(net, other)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_an_mlp_estimator_goes_on_as_the_one_that_was_saved(tmp_path_factory, data):
    draw = data.draw
    classifies = draw(st.booleans())
    solver = draw(st.sampled_from(["sgd", "adam", "lbfgs", *RULES]))
    if draw(st.booleans()) and solver in ("adam", "lion"):
        solver = catalog.optimizer(f"{solver}(0.003, clip_norm=2)")
    full = solver == "lbfgs"
    plateau = schedules.ReduceOnPlateau(patience=1)
    est = (MLPClassifier if classifies else MLPRegressor)(
        hidden_layer_sizes=draw(st.sampled_from([4, (), (3, 2)])),
        solver=solver,
        learning_rate=draw(st.sampled_from(["constant", "adaptive", "invscaling"]))
        if solver == "sgd"
        else "constant",
        schedule=None if full or solver == "sgd" else draw(st.sampled_from([None, plateau])),
        early_stopping=not full and draw(st.booleans()),
        dropout=0.0 if full else draw(st.sampled_from([0.0, 0.2])),
        norm=draw(st.sampled_from([None, "batch", "layer"])),
        warm_start=True,
        batch_size=8,
        max_iter=3,
        random_state=copy.deepcopy(draw(st.sampled_from([0, np.random.RandomState(2)]))),
    )
    np.random.seed(0)
    Z = X.astype(draw(st.sampled_from([np.float32, np.float64])))
    target = LABELS[draw(st.sampled_from(sorted(LABELS)))] if classifies else y
    for _ in range(draw(st.integers(0, 2))):
        quietly(est.fit, Z, target)
    parts = not full and est.schedule is None and not est.early_stopping
    if parts and draw(st.booleans()):
        extra = {"classes": np.unique(target)} if classifies and target.ndim == 1 else {}
        quietly(est.partial_fit, Z, target, **extra)
    other = again(est, tmp_path_factory)
    if not hasattr(est, "coefs_"):
        assert list(other.get_params()) == list(est.get_params())
        return
    assert np.array_equal(est.predict(Z), other.predict(Z))
    assert est.predict(Z).dtype == other.predict(Z).dtype
    for one in (est, other):
        np.random.seed(1)
        quietly(one.partial_fit if parts else one.fit, Z, target)
    assert np.array_equal(est._state.theta, other._state.theta)
    assert np.array_equal(est._state.buffers, other._state.buffers)
    assert np.array_equal(est.loss_curve_, other.loss_curve_, equal_nan=True)
    same(est._random_state, other._random_state)
    same(est._state.slots, other._state.slots)


@pytest.mark.parametrize("labels", ["two", "text", "object", "bool"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_perceptron_goes_on_as_the_one_that_was_saved(tmp_path_factory, labels, dtype):
    net = Perceptron(n_iterations=5, shuffle=True, random_state=0)
    assert repr(again(net, tmp_path_factory)) == repr(net)
    net.fit(X.astype(dtype), LABELS[labels])
    other = again(net, tmp_path_factory)
    assert other.predict(X).tolist() == net.predict(X).tolist()
    for one in (net, other):
        one.partial_fit(X.astype(dtype), LABELS[labels])
    same_model(net, other)
    assert net.mistakes_ == other.mistakes_


def test_names_of_features_come_back(tmp_path_factory):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    net = MLPRegressor(hidden_layer_sizes=2, max_iter=2, random_state=0).fit(frame, y)
    other = again(net, tmp_path_factory)
    same(net.feature_names_in_, other.feature_names_in_)
    assert np.array_equal(net.predict(frame), other.predict(frame))


def test_a_source_that_two_places_share_stays_one(tmp_path_factory):
    net = MLPRegressor(hidden_layer_sizes=2, random_state=np.random.RandomState(0)).build(3)
    other = again(net, tmp_path_factory)
    assert other.random_state is other._random_state
