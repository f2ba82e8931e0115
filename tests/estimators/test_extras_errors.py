"""What cannot go together is refused, by name, and a call that fails leaves no trace."""

import copy
import pickle

import numpy as np
import pytest

from glassnet import optimizers

from support.extras import LABELS, THREE, TWO, VALUES, classifier, regressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# --- parameters that cannot go together: what the message must name -----------------------

LBFGS = {"solver": "lbfgs"}
TOGETHER = {
    "dropout and lbfgs": ({**LBFGS, "dropout": 0.2}, ["dropout=0.2", "must be 0", "lbfgs"]),
    "a list of dropouts": ({**LBFGS, "dropout": [0.2]}, [r"dropout=\[0.2\]", "lbfgs"]),
    "schedule and lbfgs": ({**LBFGS, "schedule": "cosine"}, ["schedule", "'cosine'", "lbfgs"]),
    "clip_norm and lbfgs": ({**LBFGS, "clip_norm": 2.0}, ["clip_norm", "2.0", "lbfgs"]),
    "clip_value and lbfgs": ({**LBFGS, "clip_value": 2.0}, ["clip_value", "2.0", "lbfgs"]),
    "settings of lbfgs": (
        {"solver": optimizers.LBFGS(), "dropout": 0.2},
        ["dropout=0.2", "must be 0", "lbfgs"],
    ),
    "two that change the rate": (
        {"solver": "sgd", "learning_rate": "adaptive", "schedule": "cosine"},
        ["schedule must be None", "learning_rate='adaptive'", "'cosine'"],
    ),
    "scoring without stopping": (
        {"scoring": "f1_macro"},
        ["scoring='f1_macro'", "early_stopping=False"],
    ),
    "too many dropouts": ({"dropout": [0.1, 0.2]}, ["dropout", "1 hidden", r"\[0.1, 0.2\]"]),
    "too many norms": ({"norm": ["batch", None]}, ["norm", "1 hidden", "'batch', None"]),
    "too many activations": ({"activation": ["tanh", "relu"]}, ["activation", "1 hidden"]),
    "a dropout of everything": ({"dropout": [1.0]}, ["dropout", r"\[0, 1\)", "1.0"]),
    "an unknown norm": ({"norm": ["bath"]}, ["norm", "'batch' or 'layer'", "'bath'"]),
    "an unknown activation": ({"activation": ["rellu"]}, ["'rellu'", "known: .*relu6"]),
    "an activation of rows": ({"activation": ["softmax"]}, ["softmax", "outputs"]),
    "an argument too many": (
        {"solver": "momentum(0.1, foo=1)"},
        ["'foo'", "learning_rate, momentum, nesterov"],
    ),
    "an argument out of range": (
        {"solver": "adam(-1)"},
        ["learning_rate", r"\(0, inf\)", "-1"],
    ),
    "an unknown scorer": (
        {"scoring": "f1_makro", "early_stopping": True},
        ["f1_makro", "get_scorer_names"],
    ),
}
FOR_CLASSES = {
    "smoothing of another loss": (
        {"loss": "hinge", "label_smoothing": 0.1},
        ["label_smoothing=0.1", "log_loss", "loss='hinge'"],
    ),
    "a threshold between three": ({"threshold": 0.3}, ["threshold", "0.3", "multiclass"]),
    "weights of no class": ({"class_weight": {7: 2.0}}, ["not in class_weight"]),
}


def refused(words, function, *args, **kwargs):
    with pytest.raises(ValueError, match=".*".join(words[:1])) as caught:
        function(*args, **kwargs)
    for word in words:
        assert caught.match(word)


@pytest.mark.parametrize("name", TOGETHER)
@pytest.mark.parametrize(("make", "data"), [(classifier, THREE), (regressor, VALUES)])
def test_what_cannot_go_together(make, data, name):
    parameters, words = TOGETHER[name]
    refused(words, make(**parameters).fit, *data)


@pytest.mark.parametrize("name", FOR_CLASSES)
def test_what_cannot_go_together_in_a_classifier(name):
    parameters, words = FOR_CLASSES[name]
    refused(words, classifier(**parameters).fit, *THREE)


def test_thresholds_that_do_not_fit():
    refused(["threshold", r"\[0.3\]", "binary"], classifier(threshold=[0.3]).fit, *TWO)
    refused(["threshold", r"\[0.3, 0.4\]"], classifier(threshold=[0.3, 0.4]).fit, *LABELS)


def test_a_loss_for_several_classes_between_two():
    net = classifier(loss="categorical_cross_entropy")
    refused(["'categorical_cross_entropy'", "binary", "log_loss"], net.fit, *TWO)


def test_targets_that_a_loss_cannot_take():
    X, y = VALUES
    refused(["y must lie in", "poisson", "-"], regressor(loss="poisson").fit, X, y)


def test_what_partial_fit_cannot_do():
    net = classifier(early_stopping=True)
    refused(["partial_fit", "early_stopping=True"], net.partial_fit, *THREE, classes=[0, 1, 2])


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"solver": "lbfgs"}, ["partial_fit", "lbfgs"]),
        ({"schedule": "cosine"}, ["partial_fit", "schedule must be None", "'cosine'"]),
        ({"class_weight": "balanced"}, ["class_weight='balanced'", "partial_fit"]),
    ],
)
def test_where_there_is_no_partial_fit(parameters, words):
    net = classifier(**parameters)
    assert not hasattr(net, "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit") as caught:
        net.partial_fit(*THREE, classes=[0, 1, 2])
    for word in words:
        assert word in str(caught.value.__cause__)


def test_validation_data_that_cannot_be_used():
    X, y = THREE
    fit = classifier().fit
    refused(["X_val and y_val go together"], fit, X, y, X_val=X)
    refused(["X_val and y_val go together"], fit, X, y, y_val=y)
    refused(["sample_weight_val needs X_val"], fit, X, y, sample_weight_val=np.ones(90))
    refused(["3 features", "expecting 5"], fit, X, y, X_val=X[:, :3], y_val=y)
    refused([r"\[0 1 2\]", r"\[0 1\]"], fit, X[y < 2], y[y < 2], X_val=X, y_val=y)
    refused(["NaN"], fit, X, y, X_val=X * np.nan, y_val=y)
    refused(["weights", "non-zero"], fit, X, y, None, X, y, np.zeros(90))


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("dropout", 1.0),
        ("dropout", "much"),
        ("norm", "group"),
        ("initializer", "he"),
        ("initializer", 3),
        ("schedule", "cosin"),
        ("schedule", 0.1),
        ("clip_norm", 0.0),
        ("clip_value", -1),
        ("scoring", 3),
        ("n_restarts", 0),
        ("n_restarts", 2.0),
        ("engine", "abacus"),
        ("solver", "adan"),
        ("solver", None),
        ("activation", "rellu"),
        ("verbose", "much"),
        ("loss", "0-1"),
        ("label_smoothing", 1.0),
        ("threshold", "half"),
        ("class_weight", "even"),
    ],
)
def test_a_parameter_outside_its_range(parameter, value):
    words = [f"{parameter!r} parameter of MLPClassifier must be", f"Got {value!r}"]
    refused(words, classifier(**{parameter: value}).fit, *THREE)


# --- a call that fails leaves no trace ----------------------------------------------------


def everything(net):
    return {name: copy.deepcopy(value) for name, value in vars(net).items()}


def assert_untouched(net, before):
    assert list(vars(net)) == list(before)
    assert pickle.dumps(everything(net)) == pickle.dumps(before)


def faulty(net, X, y):
    raise ZeroDivisionError


FAILURES = {
    "no numbers": lambda net, X, y: net.fit(X * np.nan, y),
    "other lengths": lambda net, X, y: net.fit(X, y[1:]),
    "a parameter": lambda net, X, y: net.set_params(dropout=[0.1, 0.2]).fit(X, y),
    "two parameters": lambda net, X, y: net.set_params(early_stopping=True).partial_fit(X, y),
    "validation": lambda net, X, y: net.fit(X[:, :3], y, X_val=X, y_val=y),
    "weights": lambda net, X, y: net.fit(X, y, np.zeros(90)),
    "divergence": lambda net, X, y: net.set_params(
        solver="sgd", learning_rate_init=1e300, activation="relu"
    ).fit(1e10 * X, y),
    "a scorer": lambda net, X, y: net.set_params(early_stopping=True, scoring=faulty).fit(X, y),
    "classes": lambda net, X, y: net.partial_fit(X, y, classes=[0, 1, 2, 3]),
    "labels": lambda net, X, y: net.partial_fit(X, y + 1),
    "a warm start": lambda net, X, y: net.set_params(warm_start=True).fit(X, y + 1),
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("parameters", [{}, {"norm": "batch", "n_restarts": 2}])
def test_a_failed_call_leaves_the_fitted_model_as_it_was(name, parameters):
    X, y = THREE
    net = classifier(**parameters).fit(X, y)
    p, stored = net.predict_proba(X), everything(net)
    with pytest.raises((ValueError, ZeroDivisionError)):
        FAILURES[name](net, X, y)
    changed = net.get_params()
    assert_untouched(net, {**stored, **changed})
    assert (net.predict_proba(X) == p).all()


def test_a_failed_first_fit_leaves_nothing():
    X, y = THREE
    for call in (
        lambda net: net.fit(X * np.nan, y),
        lambda net: net.partial_fit(X, y, classes=[0, 1]),
        lambda net: net.set_params(dropout=[0.1, 0.2]).fit(X, y),
    ):
        net = classifier()
        with pytest.raises(ValueError, match=r"NaN|classes|dropout"):
            call(net)
        assert set(vars(net)) == set(net.get_params())
