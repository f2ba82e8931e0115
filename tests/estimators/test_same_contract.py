"""The names of scikit-learn's MLPs: parameters, attributes, methods, tags."""

import inspect

import pytest
import sklearn.neural_network
from sklearn.base import clone
from sklearn.utils import get_tags

import glassnet

from support.twins import STOP, case

KINDS = ("MLPClassifier", "MLPRegressor")
KEYWORD = inspect.Parameter.KEYWORD_ONLY


def pair(name):
    return getattr(sklearn.neural_network, name), getattr(glassnet, name)


def described(parameters):
    return [(p.name, p.default, p.kind) for p in parameters]


@pytest.mark.parametrize("name", KINDS)
def test_the_constructor_begins_with_scikit_learns(name):
    theirs, ours = ([*inspect.signature(one).parameters.values()] for one in pair(name))
    assert described(ours[: len(theirs)]) == described(theirs)
    assert len(ours) > len(theirs)
    assert {p.kind for p in ours[len(theirs) :]} == {KEYWORD}


@pytest.mark.parametrize("name", KINDS)
def test_positional_arguments_mean_the_same(name):
    arguments = ((5, 4), "tanh") if name == "MLPClassifier" else ("poisson", (5, 4), "tanh")
    theirs, ours = (one(*arguments) for one in pair(name))
    assert ours.get_params().items() >= theirs.get_params().items()
    assert repr(ours) == repr(theirs)
    assert clone(ours).get_params() == ours.get_params()


@pytest.mark.parametrize("name", KINDS)
def test_every_method_begins_with_the_same_arguments(name):
    theirs, ours = pair(name)
    methods = [m for m in dir(theirs) if not m.startswith("_") and callable(getattr(theirs, m))]
    assert {"fit", "partial_fit", "predict", "score", "set_params"} <= {*methods}
    for method in methods:
        wanted = [*inspect.signature(getattr(theirs, method)).parameters.values()]
        found = [*inspect.signature(getattr(ours, method)).parameters.values()]
        if not method.endswith("_request"):  # these name what can be routed, ours more
            assert described(found[: len(wanted)]) == described(wanted), method
        assert {p.name for p in found} >= {p.name for p in wanted}, method
        assert all(p.default is not p.empty for p in found[len(wanted) :]), method


FITTED = [
    case(data, max_iter=3, **params)
    for data in ("multi", "labels", "values")
    for params in ({}, {"solver": "lbfgs"}, {k: v for k, v in STOP.items() if k != "max_iter"})
]


def public(estimator):
    return {name for name in dir(estimator) if not name.startswith("_")}


@pytest.mark.parametrize("case", FITTED, ids=str)
def test_every_public_name_of_a_fitted_estimator(case):
    theirs, ours = case.fitted()[0]
    missing = public(theirs) - public(ours)
    # With lbfgs scikit-learn's regressor has a partial_fit that runs the whole fit again.
    lbfgs_regressor = case.data == "values" and case.params.get("solver") == "lbfgs"
    assert missing == ({"partial_fit"} if lbfgs_regressor else set())
    for name in public(theirs) - missing:
        found, expected = getattr(ours, name), getattr(theirs, name)
        assert callable(found) == callable(expected), name
        if not callable(expected):
            kind = (int, float) if isinstance(expected, int | float) else type(expected)
            assert isinstance(found, kind), name


@pytest.mark.parametrize("name", KINDS)
def test_tags(name):
    theirs, ours = (one() for one in pair(name))
    assert get_tags(ours) == get_tags(theirs)


def test_metadata_requests():
    for name in KINDS:
        theirs, ours = (one().get_metadata_routing() for one in pair(name))
        for method in ("fit", "partial_fit", "score"):
            wanted, found = getattr(theirs, method).requests, getattr(ours, method).requests
            assert found.items() >= wanted.items()


def test_feature_names():
    pandas = pytest.importorskip("pandas")
    one = case("multi", max_iter=3)
    frame = pandas.DataFrame(one.X, columns=list("abcde"))
    theirs, ours = one.pair(tol=1.0, n_iter_no_change=1, max_iter=9)
    for twin in (theirs, ours):
        twin.fit(frame, one.y)
    assert list(ours.feature_names_in_) == list(theirs.feature_names_in_) == list("abcde")
    found = []
    for twin in (theirs, ours):
        with pytest.raises(ValueError, match="feature names should match") as caught:
            twin.predict(frame[list("edcba")])
        with pytest.warns(UserWarning, match="X does not have valid feature names"):
            twin.predict(one.X)
        found.append(str(caught.value))
    assert found[0] == found[1]
