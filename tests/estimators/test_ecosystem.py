"""The MLP estimators inside scikit-learn's tools, with its own classes there as the judge."""

import joblib
import numpy as np
import pytest
import sklearn.neural_network
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import AdaBoostClassifier, BaggingRegressor, VotingClassifier
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_score,
    cross_validate,
    train_test_split,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

import glassnet

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (8,), "learning_rate_init": 0.02, "max_iter": 30}
HOMES = (glassnet, sklearn.neural_network)
EQUAL = {"rtol": 1e-8, "atol": 1e-10}


def classifier(home=glassnet, **settings):
    return home.MLPClassifier(random_state=0, **{**SMALL, **settings})


def regressor(home=glassnet, **settings):
    return home.MLPRegressor(random_state=0, **{**SMALL, **settings})


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def two_classes(iris):
    X, y = iris
    return X[50:], np.array(["versicolor", "virginica"])[y[50:] - 1]


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X[:150] * 20, y[:150] / 100


# --- pipelines and searches -------------------------------------------------------------


def test_a_search_over_a_pipeline(iris):
    grid = {"mlpclassifier__alpha": [1e-4, 10.0], "mlpclassifier__solver": ["adam", "lbfgs"]}
    ours, theirs = (
        GridSearchCV(make_pipeline(StandardScaler(), classifier(home)), grid, cv=3).fit(*iris)
        for home in HOMES
    )
    assert_allclose(
        ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], **EQUAL
    )
    assert ours.best_params_ == theirs.best_params_
    assert_allclose(ours.predict_proba(iris[0]), theirs.predict_proba(iris[0]), **EQUAL)


def test_cross_validation_in_two_processes(diabetes):
    alone = cross_val_score(regressor(), *diabetes, cv=3)
    assert_array_equal(cross_val_score(regressor(), *diabetes, cv=3, n_jobs=2), alone)
    theirs = cross_val_score(regressor(sklearn.neural_network), *diabetes, cv=3)
    assert_allclose(alone, theirs, **EQUAL)


def test_set_output_hands_the_names_of_columns_on(iris):
    pandas = pytest.importorskip("pandas")
    X, y = load_iris(return_X_y=True, as_frame=True)
    scaled = make_column_transformer((StandardScaler(), list(X.columns[2:])), remainder="drop")
    pipe = make_pipeline(scaled, classifier()).set_output(transform="pandas").fit(X, y)
    assert_array_equal(pipe[-1].feature_names_in_, pipe[:-1].get_feature_names_out())
    plain = classifier().fit(StandardScaler().fit_transform(iris[0][:, 2:]), y)
    assert_allclose(pipe.predict_proba(X), plain.predict_proba(scaled.transform(X).to_numpy()))
    with pytest.raises(ValueError, match="feature names should match"):
        pipe[-1].predict(pandas.DataFrame(iris[0][:, 2:], columns=["a", "b"]))


# --- metadata routing -------------------------------------------------------------------


@pytest.fixture
def weighted(iris):
    X, X_val, y, y_val = train_test_split(*iris, random_state=0, stratify=iris[1])
    return X, y, X_val, y_val, np.random.default_rng(0).uniform(0.5, 2, len(y))


@config_context(enable_metadata_routing=True)
def test_weights_and_validation_data_find_their_way_through_a_pipeline(weighted):
    X, y, X_val, y_val, weight = weighted
    net = classifier().set_fit_request(sample_weight=True, X_val=True, y_val=True)
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipe = make_pipeline(scaler, net, transform_input=["X_val"])
    pipe.fit(X, y, sample_weight=weight, X_val=X_val, y_val=y_val)
    scaler = StandardScaler().fit(X)
    plain = classifier().fit(scaler.transform(X), y, weight, scaler.transform(X_val), y_val)
    assert pipe[-1].loss_curve_ == plain.loss_curve_
    assert pipe[-1].validation_loss_curve_ == plain.validation_loss_curve_
    assert len(plain.validation_loss_curve_) == plain.n_iter_
    unweighted = classifier().fit(scaler.transform(X), y)
    assert not np.allclose(plain.loss_curve_, unweighted.loss_curve_, rtol=1e-3)


@config_context(enable_metadata_routing=True)
def test_validation_data_that_nobody_asked_for_is_an_error(weighted):
    X, y, X_val, y_val, _ = weighted
    with pytest.raises(UnsetMetadataPassedError, match="X_val"):
        make_pipeline(StandardScaler(), classifier()).fit(X, y, X_val=X_val, y_val=y_val)


@config_context(enable_metadata_routing=True)
def test_weights_in_cross_validation(diabetes):
    weight = {"sample_weight": np.random.default_rng(0).uniform(0.1, 3, len(diabetes[1]))}
    ours, theirs = (
        cross_validate(
            regressor(home)
            .set_fit_request(sample_weight=True)
            .set_score_request(sample_weight=True),
            *diabetes,
            cv=3,
            params=weight,
        )["test_score"]
        for home in HOMES
    )
    assert_allclose(ours, theirs, **EQUAL)
    assert not np.allclose(ours, cross_val_score(regressor(), *diabetes, cv=3), rtol=1e-3)


# --- estimators around estimators -------------------------------------------------------

AROUND_CLASSIFIERS = {
    "sigmoid": lambda net: CalibratedClassifierCV(net, cv=3),
    "isotonic": lambda net: CalibratedClassifierCV(net, method="isotonic", cv=3),
    "temperature": lambda net: CalibratedClassifierCV(net, method="temperature", cv=3),
    "voting": lambda net: VotingClassifier(
        [("net", net), ("line", LogisticRegression())], voting="soft"
    ),
    "one against the rest": OneVsRestClassifier,
    "boosted": lambda net: AdaBoostClassifier(net, n_estimators=3, random_state=0),
}


@pytest.mark.parametrize("name", AROUND_CLASSIFIERS)
def test_around_a_classifier(name, iris):
    ours, theirs = (AROUND_CLASSIFIERS[name](classifier(h)).fit(*iris) for h in HOMES)
    close = {"rtol": 1e-6} if name == "temperature" else EQUAL  # its own search ends there
    assert_allclose(ours.predict_proba(iris[0]), theirs.predict_proba(iris[0]), **close)


def test_calibration_of_a_fitted_classifier(iris):
    X, y = iris[0], iris[1]
    ours, theirs = (
        CalibratedClassifierCV(FrozenEstimator(classifier(h).fit(X[::2], y[::2]))).fit(
            X[1::2], y[1::2]
        )
        for h in HOMES
    )
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), **EQUAL)


def test_calibration_gives_scores_of_the_hinge_probabilities(two_classes):
    X, y = two_classes
    hinge = classifier(loss="hinge", max_iter=100)
    assert not hasattr(hinge, "predict_proba")
    scaled = make_pipeline(StandardScaler(), hinge)
    p = CalibratedClassifierCV(scaled, cv=3).fit(X, y).predict_proba(X)
    assert_allclose(p.sum(axis=1), 1)
    assert np.mean(p.argmax(axis=1) == (y == "virginica")) > 0.9


def test_a_tuned_threshold(two_classes):
    X, y = two_classes
    ours, theirs = (
        TunedThresholdClassifierCV(classifier(h), cv=3, random_state=0).fit(X, y) for h in HOMES
    )
    assert_allclose(ours.best_threshold_, theirs.best_threshold_, **EQUAL)
    assert_array_equal(ours.predict(X), theirs.predict(X))


def test_a_chain_of_classifiers(iris):
    X, y = iris[0], np.column_stack([iris[1] > 0, iris[1] > 1]).astype(int)
    ours, theirs = (ClassifierChain(classifier(h), order=[1, 0]).fit(X, y) for h in HOMES)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), **EQUAL)


AROUND_REGRESSORS = {
    "logarithm of the target": lambda net: TransformedTargetRegressor(
        net, func=np.log, inverse_func=np.exp
    ),
    "bagging": lambda net: BaggingRegressor(net, n_estimators=3, random_state=0),
    "after a selection": lambda net: make_pipeline(MaxAbsScaler(), SelectKBest(k=3), net),
}


@pytest.mark.parametrize("name", AROUND_REGRESSORS)
@pytest.mark.filterwarnings("ignore:.*classif:UserWarning")
def test_around_a_regressor(name, diabetes):
    X, y = diabetes
    ours, theirs = (AROUND_REGRESSORS[name](regressor(h)).fit(X, y) for h in HOMES)
    assert_allclose(ours.predict(X), theirs.predict(X), **EQUAL)


def test_one_regressor_per_target(diabetes):
    X, y = diabetes[0], np.column_stack([diabetes[1], diabetes[1] ** 2])
    ours, theirs = (MultiOutputRegressor(regressor(h)).fit(X, y) for h in HOMES)
    assert_allclose(ours.predict(X), theirs.predict(X), **EQUAL)


# --- looking in from outside ------------------------------------------------------------


def test_permutation_importance(iris):
    ours, theirs = (
        permutation_importance(
            classifier(h).fit(*iris), *iris, n_repeats=3, random_state=0, scoring="neg_log_loss"
        ).importances
        for h in HOMES
    )
    assert_allclose(ours, theirs, **EQUAL)


def test_partial_dependence(diabetes):
    ours, theirs = (
        partial_dependence(regressor(h).fit(*diabetes), diabetes[0], [2])["average"]
        for h in HOMES
    )
    assert_allclose(ours, theirs, **EQUAL)


def test_the_picture_in_a_notebook(iris):
    net = classifier(dropout=0.25)
    html = make_pipeline(StandardScaler(), net)._repr_html_()
    assert "MLPClassifier" in html
    assert "0.25" in html
    assert "Not fitted" in net._repr_html_()
    fitted = net.fit(*iris)._repr_html_()
    assert "<span>Fitted</span>" in fitted
    assert "href" not in fitted  # scikit-learn's page is about its own class
    assert repr(glassnet.MLPClassifier((3,), dropout=0.25)) == (
        "MLPClassifier(dropout=0.25, hidden_layer_sizes=(3,))"
    )


# --- to a file and back -----------------------------------------------------------------


@pytest.mark.parametrize("compress", [0, 3])
@pytest.mark.parametrize("settings", [{}, {"norm": "batch", "dropout": 0.2}], ids=str)
def test_joblib_brings_back_all_of_it(settings, compress, iris, tmp_path):
    net = classifier(**settings).fit(*iris)
    joblib.dump(net, tmp_path / "net.joblib", compress=compress)
    back = joblib.load(tmp_path / "net.joblib")
    assert_array_equal(back.predict_proba(iris[0]), net.predict_proba(iris[0]))
    for one in (net, back):
        one.partial_fit(*iris)
    assert back.loss_curve_ == net.loss_curve_
    assert_array_equal(back.predict_proba(iris[0]), net.predict_proba(iris[0]))
    back.coefs_[0][:] = 0  # the weights still are what it computes with
    assert not np.array_equal(back.predict_proba(iris[0]), net.predict_proba(iris[0]))


def test_joblib_with_the_numbers_left_in_the_file(iris, tmp_path):
    net = classifier().fit(*iris)
    joblib.dump(net, tmp_path / "net.joblib")
    back = joblib.load(tmp_path / "net.joblib", mmap_mode="r")
    assert_array_equal(back.predict_proba(iris[0]), net.predict_proba(iris[0]))
