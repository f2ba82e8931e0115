"""scikit-learn's own checks, on every estimator, with nothing excused."""

import pytest
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_estimator,
    check_param_validation,
    parametrize_with_checks,
)

from glassnet.estimators.perceptron import Perceptron

ESTIMATORS = [
    Perceptron(),
    Perceptron(n_iterations=30, shuffle=True, random_state=0, engine="numba"),
]

# The checks also fit noise: that no straight line parts it is no news here.
pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore::sklearn.exceptions.SkipTestWarning",
)


@parametrize_with_checks(ESTIMATORS)
def test_check(estimator, check):
    check(estimator)


@pytest.mark.slow  # the same checks as above, by the one call that a user would make
def test_bare_check_estimator():
    results = check_estimator(Perceptron())
    assert len(results) > 50
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    # Skipped for want of a package or a setting, never for the estimator's sake.
    reasons = [str(r["exception"]) for r in results if r["status"] == "skipped"]
    assert all("SCIPY_ARRAY_API" in text or "pandas" in text for text in reasons), reasons


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=["plain", "compiled"])
def test_parameters_are_validated(estimator):
    check_param_validation(type(estimator).__name__, estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=["plain", "compiled"])
def test_column_names(estimator):
    pytest.importorskip("pandas")
    check_dataframe_column_names_consistency(type(estimator).__name__, estimator)
