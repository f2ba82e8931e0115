"""scikit-learn's checks on MLP estimators with other settings than the default ones.

The bare estimators, nothing excused, and the array API are judged in test_sklearn_suite.py.
"""

import pytest
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_estimator,
    check_param_validation,
    parametrize_with_checks,
)

from glassnet import MLPClassifier, MLPRegressor

pytestmark = [
    pytest.mark.usefixtures("each_mlp_engine"),
    # The checks fit noise, and small nets fit it badly: no news here.
    pytest.mark.filterwarnings(
        "ignore::sklearn.exceptions.ConvergenceWarning",
        "ignore::sklearn.exceptions.SkipTestWarning",
    ),
]

SMALL = {"hidden_layer_sizes": (20,), "max_iter": 60}
QUICK = {**SMALL, "learning_rate_init": 0.02}
# Many settings at once, of which none stands in the way of a check.
MANY = {
    "hidden_layer_sizes": (16, 8),
    "max_iter": 30,
    "learning_rate_init": 0.03,
    "solver": "adamw",
    "activation": ["mish", "leaky_relu(0.2)"],
    "initializer": "he_normal",
    "norm": "layer",
    "clip_norm": 5.0,
}
TOGETHER = [
    MLPClassifier(**MANY, label_smoothing=0.1),
    MLPRegressor("huber", **MANY),
]
ONE_BY_ONE = [
    MLPClassifier(**SMALL, solver="lbfgs"),
    MLPRegressor(**SMALL, solver="lbfgs"),
    MLPClassifier(**SMALL, solver="sgd", learning_rate_init=0.1),
    MLPRegressor(
        **SMALL, solver="sgd", learning_rate="adaptive", learning_rate_init=0.01, clip_norm=1
    ),
    MLPClassifier(**QUICK, early_stopping=True, validation_fraction=0.4),
    MLPRegressor(**QUICK, early_stopping=True, validation_fraction=0.4),
    MLPClassifier(**QUICK, norm="batch"),
    MLPRegressor(**QUICK, norm="batch"),
    MLPClassifier(**QUICK, dropout=0.2),
    MLPRegressor(**QUICK, dropout=0.2),
    MLPClassifier(**QUICK, loss="hinge"),
    MLPRegressor("quantile(0.9)", **QUICK),
    MLPClassifier(**QUICK, class_weight="balanced"),
    MLPClassifier(**QUICK, schedule="cosine"),
    MLPRegressor(**QUICK, schedule="reduce_on_plateau"),
    MLPClassifier(**QUICK, n_restarts=2),
]

PARTIAL_FIT = (
    "check_estimators_partial_fit_n_features",
    "check_fit_score_takes_y",
    "check_n_features_in_after_fitting",
)
WEIGHTS = (
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
)


def excused(estimator):
    """Return each check that must fail, and why."""
    found = {}
    if estimator.early_stopping:
        found |= dict.fromkeys(PARTIAL_FIT, "partial_fit has no data to hold out: it says so")
        found |= dict.fromkeys(WEIGHTS, "a row repeated is held out by chance, one by one")
    if estimator.norm == "batch":
        found |= dict.fromkeys(WEIGHTS, "the mean of a batch is that of its rows")
    if estimator.dropout:
        found |= dict.fromkeys(WEIGHTS, "each row draws its own units to drop")
    return found


def short_name(estimator):
    return " ".join(repr(estimator).split())


@parametrize_with_checks(TOGETHER, expected_failed_checks=excused)
def test_check_many_settings_at_once(estimator, check):
    assert not excused(estimator)
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(ONE_BY_ONE, expected_failed_checks=excused, xfail_strict=True)
def test_check_one_setting(estimator, check):
    check(estimator)


@pytest.mark.slow  # the checks of test_sklearn_suite.py, by the one call a user would make
@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()], ids=repr)
def test_bare_check_estimator(estimator):
    results = check_estimator(estimator)
    assert len(results) > 50
    assert {result["status"] for result in results} <= {"passed", "skipped"}


@pytest.mark.parametrize("estimator", TOGETHER, ids=["classifier", "regressor"])
def test_parameters_are_validated(estimator):
    check_param_validation(type(estimator).__name__, estimator)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", TOGETHER + ONE_BY_ONE, ids=short_name)
def test_column_names(estimator):
    pytest.importorskip("pandas")
    check_dataframe_column_names_consistency(type(estimator).__name__, estimator)
