"""With one import changed, a fit gives scikit-learn's numbers: judged by scikit-learn, live."""

import numpy as np
import pytest

from support.twins import SGD, STOP, assert_same_warnings, assert_twins, case

pytestmark = pytest.mark.usefixtures("each_mlp_engine")

ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
SOLVERS = ("sgd", "adam", "lbfgs")
TARGETS = ("binary", "multi", "labels", "values", "counts")


def poisson(data):
    return {"loss": "poisson"} if "counts" in data else {}


# L-BFGS with several outputs and squared_error is left out: see test_where_sklearn_errs.py.
EVERY_STEP = [
    case(data, solver=solver, activation=activation, **poisson(data))
    for data in TARGETS
    for solver in SOLVERS
    for activation in ACTIVATIONS
]
LAYERS = [
    case(data, hidden_layer_sizes=sizes, solver=solver)
    for data, sizes in [
        ("multi", ()),
        ("binary", []),
        ("values", 5),
        ("labels", np.array([4, 3])),
        ("multi", (7, 6)),
    ]
    for solver in SOLVERS
] + [
    case("many", hidden_layer_sizes=(4, 4), activation="tanh"),
    case("many", hidden_layer_sizes=()),
]
STORED = [
    case(data, storage, weighted, solver=solver)
    for data in ("multi", "values")
    for storage in ("csr", "csc", "csr array", "fortran", "integers")
    for weighted, solver in ((True, "adam"), (False, "sgd"), (False, "lbfgs"))
]
WEIGHTED = [
    case(data, weighted=True, solver=solver, alpha=0.1, **poisson(data))
    for data in ("binary", "multi", "labels", "values", "many", "counts", "many counts")
    for solver in SOLVERS
    if (data, solver) != ("many", "lbfgs")
]
BATCHES = [
    case("binary", batch_size=1, max_iter=30, solver="sgd"),
    case("labels", batch_size=1, max_iter=30),
    case("multi", weighted=True, batch_size=7),
    case("many", batch_size=7, **SGD),
    case("multi", batch_size=60, **SGD),
    case("values", batch_size=61),  # a warning, and all samples at once
    case("many", batch_size=10**6, **SGD),
    case("multi", batch_size=7, shuffle=False),
    case("values", "csr", batch_size=16, shuffle=False, weighted=True, **SGD),
]
RATES = [
    case(data, learning_rate=mode, batch_size=20, **SGD, **more)
    for data in ("multi", "values")
    for mode, more in [
        ("constant", {}),
        ("invscaling", {}),
        ("invscaling", {"power_t": 0.0}),
        ("invscaling", {"power_t": 0.9, "momentum": 0.5}),
        ("adaptive", {}),
    ]
] + [case("multi", solver="adam", learning_rate="adaptive", tol=0.1, n_iter_no_change=2)]
MOMENTUM = [
    case("multi", momentum=momentum, nesterovs_momentum=nesterov, batch_size=16, solver="sgd")
    for momentum in (0, 0.5, 0.9, 1)
    for nesterov in (True, False)
]
ADAM = [
    case("binary", beta_1=0.0, beta_2=0.5),
    case("binary", beta_2=0.0, epsilon=0.1),
    case("values", epsilon=1e-3, learning_rate_init=0.05),
]
PENALTIES = [
    case(data, alpha=alpha, solver=solver)
    for alpha in (0, 5.0)
    for data, solver in (("multi", "adam"), ("many", "sgd"), ("binary", "lbfgs"))
]
STOPPING = [
    case(data, storage, weighted, **(STOP | more))
    for data, storage, weighted, more in [
        ("binary", "dense", False, {}),
        ("binary", "dense", True, {"validation_fraction": 0.25}),
        ("binary", "csc", False, {"n_iter_no_change": 3}),
        ("multi", "dense", False, {}),
        ("words", "csr", True, {"tol": 0.0}),
        ("labels", "dense", False, {"validation_fraction": 0.3}),
        ("values", "dense", True, {"n_iter_no_change": np.inf}),
        ("many", "dense", False, {"shuffle": False}),
        ("counts", "dense", False, {"loss": "poisson"}),
        (
            "multi",
            "dense",
            False,
            {"solver": "sgd", "learning_rate": "adaptive", "max_iter": 200},
        ),
    ]
]
PATIENCE = [
    case("multi", tol=0.05, n_iter_no_change=1, max_iter=60),
    case("multi", tol=0.0, n_iter_no_change=1, **SGD),
    case("values", tol=10.0, n_iter_no_change=np.inf),
    case("values", tol=0.01, n_iter_no_change=5, max_iter=300, **SGD),
    case("binary", solver="lbfgs", tol=0.05, max_iter=200),
    case("binary", solver="lbfgs", max_fun=12),
]
SINGLE = [
    case(data, "float32", weighted, solver=solver)
    for data, weighted in (("multi", True), ("values", False))
    for solver in ("sgd", "adam")  # lbfgs: see test_where_sklearn_errs.py
] + [case("labels", "float32", **STOP)]
LABELLED = [
    case(data, solver=solver) for data in ("words", "signs", "one class") for solver in SOLVERS
]


@pytest.mark.parametrize(
    "case",
    EVERY_STEP + LAYERS + STORED + WEIGHTED + BATCHES + RATES + MOMENTUM + ADAM + PENALTIES
    + STOPPING + PATIENCE + SINGLE + LABELLED,
    ids=str,
)  # fmt: skip
def test_one_fit(case):
    (theirs, ours), (their_words, our_words) = case.fitted()
    assert_twins(ours, theirs, case)
    assert_same_warnings(our_words, their_words)


@pytest.mark.parametrize("one", [case("multi"), case("values", solver="lbfgs")], ids=str)
def test_the_engine_is_the_one_that_is_meant(one, each_mlp_engine):
    assert one.fit(one.pair()[1])[0].engine_ == each_mlp_engine


@pytest.mark.parametrize("data", ["binary", "signs", "multi", "labels"])
def test_a_tie_goes_to_the_same_class(data):
    one = case(data, max_iter=1)
    (theirs, ours), _ = one.fitted()
    for twin in (theirs, ours):
        for array in (*twin.coefs_, *twin.intercepts_):
            array[...] = 0.0
    np.testing.assert_array_equal(ours.predict(one.X), theirs.predict(one.X))
    assert np.ptp(ours.predict_proba(one.X)) == 0.0
