"""Columns that give the target away, teach nothing, or look as if they did."""

import warnings

import numpy as np
from benchmarks.diagnosed import fresh_data
from benchmarks.diagnosis_cases import moons, real
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnClassifier

from glassnet import MLPClassifier, diagnose
from glassnet.insight.diagnosis import column_rules

from support.diagnosis import ADAM, X, Y, net, seen


def test_a_column_of_the_classes_is_a_leak_in_an_easy_problem_too():
    A, t = real(load_breast_cancer, 0)
    model = net(inputs=31)
    assert "leakage_suspected" in diagnose(model, np.column_stack([A, t]), t, **ADAM).names


def test_a_cloud_that_one_feature_sets_apart_is_no_leak():
    A, t = make_blobs(150, 4, centers=2, cluster_std=1.5, random_state=4)
    A = (A - A.mean(axis=0)) / A.std(axis=0)
    assert "leakage_suspected" not in diagnose(net(inputs=4), A, t, **ADAM).names


def test_a_feature_of_few_rows_that_chance_may_set_above_all_others_is_no_leak():
    assert diagnose(MLPClassifier(random_state=0), *load_iris(return_X_y=True)).names == ()


def test_scales_are_blamed_where_their_cure_is_enough_whatever_else_would_help():
    A, t = load_iris(return_X_y=True)
    numbered = np.column_stack([np.arange(len(A)), A])  # as pandas writes its index
    names = diagnose(MLPClassifier(random_state=0), numbered, t).names
    assert names[:1] == ("unscaled_inputs",)


def test_a_yes_beside_its_no_is_how_categories_are_written():
    mark = np.arange(300) % 2
    pair = np.column_stack([X, mark, 1 - mark])
    twice = np.column_stack([X, mark, mark])
    assert (
        "constant_or_duplicate_features" not in diagnose(net(inputs=4), pair, Y, **ADAM).names
    )
    assert "constant_or_duplicate_features" in diagnose(net(inputs=4), twice, Y, **ADAM).names


def test_copies_among_many_rows_are_the_same_in_all_of_them():
    A, t = moons(0, 2500)
    mirrored, nearly = 3.0 - 2.0 * A[:, 0], A[:, 1].copy()
    nearly[1] += 1.0  # between those rows that are looked at first
    m = seen(net(inputs=4), np.column_stack([A, mirrored, nearly]), t)
    found = column_rules.constant_or_duplicate_features(m)
    assert found.evidence.value == 1
    assert "feature 2." in found.explanation


def pixels():
    A, t = load_digits(return_X_y=True)
    return A[:600] / 16, t[:600]


def test_pixels_that_are_always_dark_are_no_failure_though_few_are_dark_in_most_pictures():
    model = MLPClassifier((32,), learning_rate_init=0.005, random_state=0, max_iter=60)
    assert diagnose(model, *pixels()).names == ()
    A, t = pixels()
    A[:, 0] = 0.3  # no pixel rests there
    assert diagnose(model, A, t).names == ("constant_or_duplicate_features",)


def test_a_constant_column_among_numbers_is_named_though_it_is_their_least():
    A = np.column_stack([(X - X.min(axis=0)) / np.ptp(X, axis=0), np.zeros(len(X))])
    assert "constant_or_duplicate_features" in diagnose(net(inputs=3), A, Y, **ADAM).names


def test_uneven_pixels_are_not_blamed_for_a_rate_or_a_penalty():
    A, t = fresh_data.pixels()
    slow = SklearnClassifier((30,), max_iter=2, random_state=9)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        slow.fit(A, t)
    assert diagnose(slow, A, t, seed=23).names == ("learning_rate_too_low",)
    dropped = MLPClassifier(
        (80,), dropout=0.95, learning_rate_init=0.005, max_iter=50, random_state=0
    )
    assert diagnose(dropped, *pixels()).names[:1] == ("too_much_regularization",)
