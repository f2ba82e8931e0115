"""scikit-learn's callbacks, which it has not wired to its own MLP."""

import numpy as np
import pytest
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as ScikitLearns
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from support.extras import THREE, VALUES, classifier, regressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


class Listener:
    """Keep what a callback is told; answer True at the end of epoch `last`."""

    def __init__(self, last=None):
        self.last, self.begun, self.ended, self.calls = last, [], [], []

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.begun.append((context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.ended.append((context.task_name, context.task_id))
        if context.task_name == "epoch":
            self.calls.append((X, y, metadata, fitted_estimator))
        return context.task_id + 1 == self.last


def listened(estimator, *data, last=None, **more):
    listener = Listener(last)
    estimator.set_callbacks(listener).fit(*data, **more)
    return listener


def test_scikit_learns_own_has_none():
    assert not hasattr(ScikitLearns(), "set_callbacks")


def test_a_fit_is_a_task_and_each_epoch_one_within_it():
    X, y = THREE
    weight = np.linspace(0.5, 1, 90)
    listener = listened(classifier(max_iter=3), X, y, weight)
    expected = [("fit", 0), ("epoch", 0), ("epoch", 1), ("epoch", 2)]
    assert listener.begun == expected
    assert listener.ended == [*expected[1:], expected[0]]
    assert [c for c in listener.calls if isinstance(c, str)] == ["setup", "teardown"]
    for given, targets, metadata, _ in listener.calls[1:-1]:
        assert (given == X).all()
        assert (targets == y).all()
        assert (metadata["sample_weight"] == weight).all()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_model_handed_over_is_that_of_its_epoch_and_stays_so(solver):
    X, y = THREE
    net = classifier(solver=solver, norm="batch" if solver == "adam" else None, max_iter=4)
    models = [call[3] for call in listened(net, X, y).calls[1:-1]]
    assert len(models) == 4
    for epoch, model in enumerate(models):
        alone = classifier(**{**net.get_params(), "max_iter": epoch + 1}).fit(X, y)
        np.testing.assert_allclose(model.predict_proba(X), alone.predict_proba(X), rtol=1e-9)
        assert model.n_iter_ == len(model.loss_curve_) == epoch + 1
    models[1].coefs_[0][...] = 0  # a copy: nobody else's weights
    assert net.coefs_[0].all()
    assert models[2].coefs_[0].all()


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_listening_changes_nothing(solver):
    X, y = VALUES
    net, alone = regressor(solver=solver), regressor(solver=solver).fit(X, y)
    listened(net, X, y)
    assert net.loss_curve_ == alone.loss_curve_
    assert (net.predict(X) == alone.predict(X)).all()


@pytest.mark.filterwarnings("error")  # a stop that was asked for is no want of convergence
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_a_callback_can_end_training(solver):
    X, y = THREE
    net = classifier(solver=solver, max_iter=50)
    listener = listened(net, X, y, last=3)
    assert net.n_iter_ == len(net.loss_curve_) == 3
    assert listener.ended[-1] == ("fit", 0)
    np.testing.assert_allclose(
        net.predict_proba(X), listener.calls[3][3].predict_proba(X), rtol=1e-12
    )


def test_an_error_in_a_callback_leaves_the_earlier_model():
    class Faulty(Listener):
        def on_fit_task_begin(self, estimator, context):
            if context.task_id == 2:
                raise RuntimeError("the callback's own")

    X, y = THREE
    net = classifier().fit(X, y)
    p, curve, faulty = net.predict_proba(X), list(net.loss_curve_), Faulty()
    with pytest.raises(RuntimeError, match="the callback's own"):
        net.set_callbacks(faulty).fit(-X, y)
    assert faulty.calls[-1] == "teardown"
    assert (net.predict_proba(X) == p).all()
    assert net.loss_curve_ == curve


def test_lbfgs_goes_on_from_where_it_was_or_not_at_all():
    class Meddling(Listener):
        def on_fit_task_end(self, estimator, context):
            if context.task_name == "epoch":
                estimator.coefs_[0].fill(0.0)

    with pytest.raises(RuntimeError, match="a callback changed theta"):
        classifier(solver="lbfgs").set_callbacks(Meddling()).fit(*THREE)


def test_partial_fit_tells_nobody():
    listener = Listener()
    net = classifier().set_callbacks(listener)
    net.partial_fit(*THREE, classes=[0, 1, 2])
    assert listener.calls == []


def test_a_progress_bar(capsys):
    net = classifier(max_iter=3).set_callbacks(ProgressBar())
    net.fit(*THREE)
    shown = capsys.readouterr()
    assert "MLPClassifier - fit" in shown.out + shown.err
    assert "100%" in shown.out + shown.err


def scores(monitor, name):
    """Return the scores of the epochs, in their order."""
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    return [row[name] for row in sorted(rows, key=lambda row: row["task_id"])]


def test_a_scoring_monitor_logs_each_epoch():
    X, y = THREE
    monitor = ScoringMonitor(scoring="accuracy")
    net = classifier(solver="adam(0.05)").set_callbacks(monitor)
    net.fit(X, y)
    alone = [
        classifier(solver="adam(0.05)", max_iter=epochs).fit(X, y).score(X, y)
        for epochs in range(1, 9)
    ]
    assert scores(monitor, "accuracy") == alone
    assert alone[-1] > alone[0]


def test_a_scoring_monitor_of_a_regressor_with_weights():
    X, y = VALUES
    weight = np.linspace(0.1, 2, 80)
    monitor = ScoringMonitor(scoring=["r2", "neg_mean_absolute_error"])
    net = regressor().set_callbacks(monitor).fit(X, y, weight)
    assert scores(monitor, "r2")[-1] == pytest.approx(net.score(X, y, weight), rel=1e-12)
    assert len(scores(monitor, "neg_mean_absolute_error")) == net.n_iter_


def test_callbacks_reach_it_through_a_pipeline_and_a_search(capsys):
    X, y = THREE
    monitor = ScoringMonitor(scoring="accuracy")
    net = classifier(max_iter=2).set_callbacks(monitor)
    pipeline = make_pipeline(StandardScaler(), net).set_callbacks(ProgressBar())
    pipeline.fit(X, y)
    shown = capsys.readouterr()
    assert "MLPClassifier - fit" in shown.out + shown.err
    assert scores(monitor, "accuracy")[-1] == pipeline.score(X, y)
    search = GridSearchCV(pipeline, {"mlpclassifier__activation": ["relu", "tanh"]}, cv=2)
    pipeline.set_callbacks()
    search.fit(X, y)
    rows = [row for log in monitor.get_logs(select="all") for row in log.data]
    assert sum(row["task_name"] == "epoch" for row in rows) == 2 + 2 * (2 * 2 + 1)
