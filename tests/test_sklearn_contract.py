"""scikit-learn's own checks, on every estimator, with nothing excused."""

import warnings

import pytest
from sklearn.exceptions import ConvergenceWarning, SkipTestWarning
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_estimator,
    check_param_validation,
    parametrize_with_checks,
)

from glassnet.estimators.perceptron import Perceptron

ESTIMATORS = [
    Perceptron(),
    Perceptron(shuffle=True, random_state=0),
    Perceptron(learning_rate=1, n_iterations=3),
]

# The checks fit noise, too: that no straight line parts it is no news here.
pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:Can't check dok sparse matrix:UserWarning",
)


@parametrize_with_checks(ESTIMATORS)
def test_check(estimator, check):
    check(estimator)


def test_bare_check_estimator():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", SkipTestWarning)  # those that need pandas or JAX
        check_estimator(Perceptron())


def test_the_perceptron_checks_include_no_sample_weight_ones():
    results = check_estimator(Perceptron(), on_skip=None)
    names = {result["check_name"] for result in results}
    assert len(names) > 50
    assert not any("sample_weight" in name for name in names)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    # Skipped for want of a package or a setting, never for the estimator's sake.
    reasons = [str(r["exception"]) for r in results if r["status"] == "skipped"]
    assert all("SCIPY_ARRAY_API" in text or "pandas" in text for text in reasons), reasons


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_parameters_are_validated(estimator):
    check_param_validation(type(estimator).__name__, estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_column_names(estimator):
    pytest.importorskip("pandas")
    check_dataframe_column_names_consistency(type(estimator).__name__, estimator)
