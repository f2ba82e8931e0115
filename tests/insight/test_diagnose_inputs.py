"""`diagnose` on what people have: sparse data, frames, weights, schedules, few rows."""

import warnings

import numpy as np
import pytest
from benchmarks.diagnosis_cases import circles, moons
from scipy import sparse
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor

from glassnet import MLP, MLPClassifier, MLPRegressor, Perceptron, diagnose, optimizers
from glassnet.insight.diagnosis.case import Case
from glassnet.insight.diagnosis.reading import case_of
from glassnet.insight.diagnosis.runs import halves, run
from glassnet.training import EarlyStopping

pd = pytest.importorskip("pandas")
X, Y = moons(0, 120)
SLOW = {"optimizer": optimizers.Adam(1e-6), "epochs": 40, "batch_size": 32}


def net(**options):
    return MLP([2, 16, 1], **{"loss": "binary_cross_entropy", "seed": 0, **options})


def case(model, y=Y, **settings) -> Case:
    return case_of(model, X, y, None, None, settings, 0)


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_array, sparse.coo_array])
def test_sparse_data_are_taken_as_dense_ones(form):
    assert (
        diagnose(net(), form(X), Y, **SLOW).to_dict() == diagnose(net(), X, Y, **SLOW).to_dict()
    )


def test_sparse_data_that_would_not_fit_are_refused():
    wide = sparse.coo_array((2**15, 2**14)).tocsr()
    with pytest.raises(ValueError, match=r"X must have at most 268,435,456 entries"):
        diagnose(MLP([2**14, 1]), wide, np.zeros(2**15))


def test_a_frame_of_numbers_is_taken_and_columns_of_text_are_named():
    frame, model = pd.DataFrame(X, columns=["a", "b"]), SklearnClassifier((16,), max_iter=30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert diagnose(net(), frame, pd.Series(Y), **SLOW).names == ("learning_rate_too_low",)
    frame["kind"], frame["size"] = "<b>", pd.Categorical(["small", "large"] * 60)
    with pytest.raises(
        TypeError, match=r"X must hold numbers only; got text in column\(s\) kind, size"
    ):
        diagnose(model, frame, Y)


def test_class_and_sample_weights_are_those_of_the_model_s_fit():
    weight = np.linspace(0.5, 2.0, len(Y))
    model = MLPClassifier((4,), class_weight={0: 1.0, 1: 5.0}, random_state=0)
    expected = weight * np.where(Y == 1, 5.0, 1.0)  # as scikit-learn multiplies them
    np.testing.assert_allclose(case(model, sample_weight=weight).weight, expected)
    rows = halves(case(model, sample_weight=weight), 0)
    assert len(rows.weight) == len(rows.X) == 90
    loss = [run(halves(case(net(), sample_weight=w), 0), 0).loss[-1] for w in (None, weight)]
    assert loss[0] != loss[1]


def test_weights_that_balance_the_classes_are_no_collapse():
    A, t = circles(0, 600)
    rows = np.flatnonzero((t == 0) | (np.arange(len(t)) % 20 == 0))
    A, t = A[rows], t[rows]
    told = {"optimizer": optimizers.SGD(0.05), "epochs": 30, "batch_size": 32}
    assert diagnose(net(), A, t, **told).names[:1] == ("majority_collapse",)
    weight = np.where(t == 1, 20.0, 1.0)
    assert "majority_collapse" not in diagnose(net(), A, t, sample_weight=weight, **told).names


def test_schedules_are_followed():
    one = halves(case(net(), epochs=30, schedule=lambda progress: float(progress < 0.5)), 0)
    loss = run(one, 0).loss
    assert loss[10] != loss[11]
    assert loss[-1] == loss[-2]  # the second half stands still


def test_the_ways_of_scikit_learn_s_sgd_are_followed():
    options = {"solver": "sgd", "max_iter": 7, "random_state": 0}
    falling = case(SklearnClassifier((4,), learning_rate="invscaling", power_t=0.4, **options))
    # scikit-learn: rate / (samples seen + 1) ** power_t
    assert falling.schedule(0.5) == pytest.approx((7 * len(Y) / 2 + 1) ** -0.4)
    adaptive = case(SklearnClassifier((4,), learning_rate="adaptive", **options))
    assert adaptive.schedule.factor == 0.2  # it divides by five
    assert adaptive.patience is None


@pytest.mark.parametrize(
    ("rule", "size"),
    [
        (optimizers.Momentum(0.02), 16),
        (optimizers.RMSProp(0.004), 50),
        (optimizers.SGD(0.3), None),
    ],
)
def test_a_trained_network_tells_how_it_was_trained(rule, size):
    told = case(net().fit(X, Y, optimizer=rule, epochs=5, batch_size=size))
    assert type(told.optimizer) is type(rule)
    assert told.optimizer.learning_rate == rule.learning_rate
    assert -(-len(X) // told.batch_size) == -(-len(X) // (size or len(X)))
    assert told.epochs == 5


def test_a_network_that_stopped_itself_is_asked_to_go_on():
    model = net().fit(X, Y, "adam", 300, 32, early_stopping=EarlyStopping(2, 0.2))
    report = diagnose(model, X, Y)
    assert report.names[0] == "stopped_too_early"
    assert report.findings[0].evidence.value < 20


@pytest.mark.parametrize("rate", [50.0, 1e150])  # the second fails in its first epoch
def test_a_training_that_failed_is_remembered(rate):
    with pytest.warns(Warning, match="diverge|finite"):
        model = MLP([2, 16, 1], seed=0).fit(X, X[:, 0] ** 2, optimizers.SGD(rate), 50, 32)
    report = diagnose(model, X, X[:, 0] ** 2, prove=True)
    assert report.names[0] == "learning_rate_too_high"
    assert (report.findings[0].proof is None) == (len(model.history) == 0)


def test_pixels_that_are_always_dark_are_no_failure():
    marks = np.random.default_rng(0).uniform(size=(120, 12)) < 0.2
    image = np.column_stack([X, marks, np.zeros(120)])
    model = MLP([15, 16, 1], loss="binary_cross_entropy", seed=0)
    told = {"optimizer": optimizers.Adam(0.01), "epochs": 60, "batch_size": 32}
    assert "constant_or_duplicate_features" not in diagnose(model, image, Y, **told).names
    tables = np.column_stack([X, np.zeros(120)])
    model = MLP([3, 16, 1], loss="binary_cross_entropy", seed=0)
    assert "constant_or_duplicate_features" in diagnose(model, tables, Y, **told).names


def test_a_leak_is_found_among_many_features():
    wide = np.column_stack([np.random.default_rng(0).normal(size=(120, 70)), Y * 2.0])
    model = MLP([71, 8, 1], loss="binary_cross_entropy", seed=0)
    report = diagnose(model, wide, Y, optimizer=optimizers.Adam(0.01), epochs=20)
    found = report.findings[report.names.index("leakage_suspected")]
    assert "Feature 70 alone" in found.explanation


MODELS = [
    lambda: net(),
    lambda: MLPClassifier((4,), max_iter=5),
    lambda: SklearnClassifier((4,), max_iter=5),
    lambda: Perceptron(),
    lambda: MLPRegressor(hidden_layer_sizes=(4,), max_iter=5),
    lambda: SklearnRegressor(hidden_layer_sizes=(4,), max_iter=5),
]


@pytest.mark.parametrize("model", MODELS)
def test_one_class_or_a_constant_target_cannot_be_learnt(model):
    report = diagnose(model(), X, np.ones(len(X), int))
    assert report.names == ("unlearnable_target",)
    assert "same in every row" in report.findings[0].explanation


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("place", ["X", "y", "X_val"])
def test_a_number_that_is_none_is_found_wherever_it_is(model, place):
    given = {"X": X.copy(), "y": Y.astype(float), "X_val": X.copy(), "y_val": Y.astype(float)}
    given[place][3] = np.nan
    report = diagnose(model(), **given)
    assert report.names == ("non_finite",)
    assert place in report.findings[0].evidence.quantity


@pytest.mark.parametrize("n", [2, 3, 7, 19])
@pytest.mark.parametrize("model", MODELS[:4])
def test_few_rows_are_enough_to_run(model, n):
    rows = np.r_[np.flatnonzero(Y == 0)[: n // 2], np.flatnonzero(Y == 1)[: n - n // 2]]
    names = diagnose(model(), X[rows], Y[rows]).names
    assert "constant_or_duplicate_features" not in names
    assert "unlearnable_target" not in names


def test_numbers_that_overflow_when_squared_are_called_unscaled():
    told = {"optimizer": optimizers.Adam(0.01), "epochs": 40, "batch_size": 32}
    assert diagnose(net(), X * 1e200, Y, **told).names[0] == "unscaled_inputs"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"seed": 2**32}, ValueError, r"seed must be a whole number from 0 to 2\*\*32 - 1"),
        ({"epochs": 0}, ValueError, "epochs must be a whole number >= 1; got 0"),
        ({"batch_size": "a"}, ValueError, "batch_size must be a whole number >= 1; got 'a'"),
        ({"shuffle": "no"}, ValueError, "shuffle must be True or False; got 'no'"),
        ({"prove": "yes"}, ValueError, "prove must be True or False; got 'yes'"),
        ({"verbose": -1}, ValueError, "verbose must be a bool or a whole number >= 0; got -1"),
        ({"X": X + 1j}, TypeError, "X must hold real numbers; got dtype complex128"),
        ({"y": np.array([None] * len(Y))}, ValueError, "y must have a value in every row"),
        ({"sample_weight": -np.ones(len(Y))}, ValueError, "sample_weight must be >= 0"),
        ({"X_val": X, "y_val": Y + 7}, ValueError, "y_val must hold targets such as y has"),
        (
            {"model": Perceptron(), "sample_weight": np.ones(len(Y))},
            ValueError,
            "sample_weight must be None for a Perceptron",
        ),
    ],
)
def test_bad_arguments_are_refused(change, error, words):
    with pytest.raises(error, match=words):
        diagnose(**{"model": net(), "X": X, "y": Y, **change})


# --- what is missing, or does not fit ------------------------------------------------------


def test_pandas_own_gaps_are_gaps():
    frame = pd.DataFrame(X).astype("Float64")
    assert diagnose(net(), frame.mask(frame > 1), Y).names == ("non_finite",)


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA])
def test_a_label_that_is_missing_is_named(gap):
    labels = np.array(["red", "blue"], dtype=object)[Y]
    labels[7] = gap
    with pytest.raises(ValueError, match=f"y must have a value in every row; got {gap}"):
        diagnose(MLPClassifier((4,)), X, labels)


def test_a_network_that_is_broken_before_its_training_is_named():
    broken = net()
    broken.theta[3] = np.nan
    report = diagnose(broken, X, Y, **SLOW)
    assert report.names == ("non_finite",)
    assert report.findings[0].evidence.value == 1
    assert "nothing else could be" in str(report)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_what_was_fitted_to_fewer_classes_is_looked_at_anew():
    three = np.arange(len(X)) % 3
    model = SklearnClassifier((4,), max_iter=3, random_state=0)
    anew = diagnose(model, X, three, epochs=3).to_dict()
    assert diagnose(model.fit(X, three > 0), X, three, epochs=3).to_dict() == anew
