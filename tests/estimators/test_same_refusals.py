"""What a fit refuses: the same kinds of errors as scikit-learn's, and often its words."""

import warnings

import numpy as np
import pytest
import scipy.sparse
from sklearn.utils._param_validation import InvalidParameterError

from support.twins import DATA, assert_twins, case

NAN, TEXT = np.full((60, 5), np.nan), np.full((60, 5), "a")
B, M, V, L = (DATA[name] for name in ("binary", "multi", "values", "labels"))
GOOD = {"X": B.X, "y": B.y}
REFUSED = {
    "NaN in X": ({}, GOOD | {"X": NAN}),
    "infinity in X": ({}, GOOD | {"X": np.full((60, 5), np.inf)}),
    "text in X": ({}, GOOD | {"X": TEXT}),
    "complex X": ({}, GOOD | {"X": B.X + 1j}),
    "one dimension": ({}, GOOD | {"X": B.X[:, 0]}),
    "three dimensions": ({}, GOOD | {"X": B.X[None]}),
    "no rows": ({}, {"X": B.X[:0], "y": B.y[:0]}),
    "no columns": ({}, GOOD | {"X": B.X[:, :0]}),
    "fewer targets": ({}, GOOD | {"y": B.y[:-1]}),
    "more targets": ({}, GOOD | {"X": B.X[:-1]}),
    "no targets": ({}, GOOD | {"y": None}),
    "NaN in y": ({}, GOOD | {"y": np.full(60, np.nan)}),
    "fewer weights": ({}, GOOD | {"sample_weight": B.weight[:-1]}),
    "a table of weights": ({}, GOOD | {"sample_weight": B.weight[:, None]}),
    "NaN in weights": ({}, GOOD | {"sample_weight": np.full(60, np.nan)}),
    "text as weights": ({}, GOOD | {"sample_weight": ["a"] * 60}),
    "zeros as weights": ({}, GOOD | {"sample_weight": np.zeros(60)}),
    "too few to hold out": ({"early_stopping": True}, {"X": B.X[:4], "y": B.y[:4]}),
    "nothing to hold out": ({"early_stopping": True, "validation_fraction": 0.0}, GOOD),
    "all held out": ({"early_stopping": True, "validation_fraction": 0.999}, GOOD),
    "zero units": ({"hidden_layer_sizes": (3, 0)}, GOOD),
    "negative units": ({"hidden_layer_sizes": (-1,)}, GOOD),
    "a rate that explodes": ({"solver": "sgd", "learning_rate_init": 1e200}, GOOD),
}
FOR_CLASSIFIERS = {
    "values as labels": ({}, {"X": V.X, "y": V.y}),
    "several labels of several kinds": ({}, {"X": M.X, "y": np.c_[M.y, M.y]}),
    "a class with one member": ({"early_stopping": True}, GOOD | {"y": np.arange(60) == 0}),
}
FOR_REGRESSORS = {"three dimensions of targets": ({}, GOOD | {"y": np.zeros((60, 2, 2))})}


def refusals(data, params, arguments, method="fit"):
    """Return the errors of both twins."""
    found = []
    for one in case(data, **params).pair():
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            with pytest.raises(Exception) as caught:  # noqa: PT011 - the type is compared
                getattr(one, method)(**arguments)
        found.append(caught.value)
    return found


@pytest.mark.parametrize("data", ["binary", "values"], ids=["classifier", "regressor"])
@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_raises_the_same_kind(name, data):
    theirs, ours = refusals(data, *REFUSED[name])
    assert isinstance(ours, type(theirs))


@pytest.mark.parametrize("name", FOR_CLASSIFIERS)
def test_bad_labels_raise_the_same_type(name):
    theirs, ours = refusals("binary", *FOR_CLASSIFIERS[name])
    assert type(ours) is type(theirs)


@pytest.mark.parametrize("name", FOR_REGRESSORS)
def test_bad_values_raise_the_same_type(name):
    theirs, ours = refusals("values", *FOR_REGRESSORS[name])
    assert type(ours) is type(theirs)


BAD = {
    "hidden_layer_sizes": [-1, 2.5, "a", None],
    "activation": ["nope", None, 3],
    "solver": ["nope", None, 1],
    "alpha": [-1, np.inf, np.nan, "a"],
    "batch_size": [0, 2.5, "all", None],
    "learning_rate": ["none", 0.1],
    "learning_rate_init": [0, -1, np.inf, "a"],
    "power_t": [-0.1, None],
    "max_iter": [0, 1.5, np.inf],
    "shuffle": ["yes", 1],
    "random_state": ["a", -1, np.random.default_rng(0)],
    "tol": [-1, np.inf, np.nan],
    "verbose": ["loud", -1, 1.5],
    "warm_start": [None, 1],
    "momentum": [-0.1, 1.1],
    "nesterovs_momentum": ["yes"],
    "early_stopping": [1],
    "validation_fraction": [-0.1, 1.0],
    "beta_1": [-0.1, 1.0],
    "beta_2": [-0.1, 1.0],
    "epsilon": [0, np.inf],
    "n_iter_no_change": [0, 2.5, np.nan],
    "max_fun": [0, 1.5],
    "loss": ["nope", None],
}


@pytest.mark.parametrize(
    ("name", "data"),
    [(name, "binary") for name in BAD if name != "loss"] + [(name, "values") for name in BAD],
)
def test_a_parameter_out_of_range_raises_the_same_error(name, data):
    for value in BAD[name]:
        theirs, ours = refusals(data, {name: value}, GOOD)
        assert type(ours) is type(theirs)
        assert f"The {name!r} parameter of MLP" in str(ours)
        assert str(ours).endswith(f"Got {value!r} instead.")


@pytest.mark.parametrize("sizes", [(2.5,), ((2, 3),), ("a",), (True,)], ids=str)
def test_units_that_are_no_whole_numbers_are_refused(sizes):
    theirs, ours = refusals("binary", {"hidden_layer_sizes": sizes}, GOOD)
    assert isinstance(theirs, TypeError)
    assert isinstance(ours, TypeError | ValueError)


@pytest.mark.parametrize("solver", ["SGD", "Adam", "LBFGS"])
def test_a_solver_in_other_letters_is_refused_or_means_the_same(solver):
    found = []
    for spelling in (solver, solver.lower()):
        one = case("multi", solver=spelling, max_iter=3, tol=0.5).pair()[1]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found.append(one.fit(M.X, M.y).loss_curve_)
            except InvalidParameterError:
                return
    assert found[0] == found[1]


def test_nothing_can_be_asked_before_a_fit():
    for method in ("predict", "predict_proba", "predict_log_proba"):
        theirs, ours = refusals("binary", {}, {"X": B.X}, method)
        assert type(ours) is type(theirs)
        assert str(ours) == str(theirs)


FITTED = {
    "fewer columns": ("predict", {"X": B.X[:, :3]}),
    "one dimension": ("predict", {"X": B.X[0]}),
    "NaN": ("predict_proba", {"X": NAN}),
    "no rows": ("predict", {"X": B.X[:0]}),
    "score without targets": ("score", {"X": B.X, "y": None}),
    "partial_fit with fewer columns": ("partial_fit", {"X": B.X[:, :3], "y": B.y}),
    "partial_fit with another class": ("partial_fit", {"X": B.X, "y": B.y + 1}),
    "partial_fit with other classes": (
        "partial_fit",
        {"X": B.X, "y": B.y, "classes": [0, 1, 2]},
    ),
}


@pytest.mark.parametrize("name", FITTED)
def test_a_fitted_classifier_refuses_the_same(name):
    method, arguments = FITTED[name]
    found = []
    for one in case("binary", max_iter=40).pair():
        one.partial_fit(B.X, B.y, classes=[0, 1])
        with pytest.raises(Exception) as caught:  # noqa: PT011 - the type is compared
            getattr(one, method)(**arguments)
        found.append(caught.value)
    assert type(found[1]) is type(found[0])
    assert str(found[1]).split()[:6] == str(found[0]).split()[:6]


def test_classes_that_differ_from_those_of_the_warm_start():
    found = []
    for one in case("multi", warm_start=True).pair():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            one.fit(M.X, M.y)
            for y in (M.y + 1, np.minimum(M.y, 1)):
                with pytest.raises(ValueError, match="warm_start can only be used") as caught:
                    one.fit(M.X, y)
                found.append(str(caught.value))
    assert found[:2] == found[2:]


@pytest.mark.parametrize("data", ["multi", "values"])
def test_partial_fit_refuses_early_stopping(data):
    classes = {"classes": [0, 1, 2]} if data == "multi" else {}
    arguments = {"X": DATA[data].X, "y": DATA[data].y, **classes}
    theirs, ours = refusals(data, {"early_stopping": True}, arguments, "partial_fit")
    assert type(ours) is type(theirs) is ValueError
    assert str(ours) == str(theirs)


def test_partial_fit_needs_the_classes_and_a_stochastic_solver():
    theirs, ours = refusals("multi", {}, {"X": M.X, "y": M.y}, "partial_fit")
    assert (type(ours), str(ours)) == (type(theirs), str(theirs))
    for one in case("multi", solver="lbfgs").pair():
        assert not hasattr(one, "partial_fit")
        with pytest.raises(AttributeError, match="no attribute 'partial_fit'") as caught:
            one.partial_fit(M.X, M.y)
        assert "not stochastic" in str(caught.value.__cause__)


def test_other_sparse_forms_are_taken_as_scikit_learn_takes_them():
    one = case("multi", max_iter=30)
    for form in (scipy.sparse.coo_matrix, scipy.sparse.lil_matrix, scipy.sparse.csc_array):
        theirs, ours = one.pair()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            X = form(np.where(np.abs(M.X) > 0.8, M.X, 0.0))
            theirs.fit(X, M.y), ours.fit(X, M.y)
            assert_twins(ours, theirs, one)
