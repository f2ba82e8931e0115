"""A list of views: what is put into it is written through, and nothing else gets in."""

import copy
import pickle

import numpy as np
import pytest

from glassnet.network import Views


@pytest.fixture
def theta():
    return np.zeros(9)


@pytest.fixture
def views(theta):
    return Views([theta[:4].reshape(2, 2), theta[4:6], theta[6:9]], "weights")


def test_an_entry_is_written_and_never_replaced(theta, views):
    entry = views[0]
    views[0] = [[1, 2], [3, 4]]
    views[-1] = np.full(3, 7, np.float32)
    views[np.int64(1)] = views[1] + 5
    assert views[0] is entry
    np.testing.assert_array_equal(theta, [1, 2, 3, 4, 5, 5, 7, 7, 7])


def test_in_place_arithmetic_happens_once(theta, views):
    views[0] += 1
    views[1] -= [1, 2]
    views[2] *= 3
    np.testing.assert_array_equal(theta, [1, 1, 1, 1, -1, -2, 0, 0, 0])


def test_slices_are_written(theta, views):
    views[1:] = [[1, 2], [3, 4, 5]]
    views[:1] = (np.eye(2),)
    np.testing.assert_array_equal(theta, [1, 0, 0, 1, 1, 2, 3, 4, 5])
    views[1:2] = iter([[8, 9]])
    np.testing.assert_array_equal(theta[4:6], [8, 9])
    two = Views([theta[:2], theta[2:4]])
    two[::-1] = [[1, 2], [3, 4]]
    np.testing.assert_array_equal(theta[:4], [3, 4, 1, 2])
    two[:] = two[::-1]  # each reads what the other writes
    np.testing.assert_array_equal(theta[:4], [1, 2, 3, 4])


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (0.0, ValueError, r"weights\[0\] must have shape \(2, 2\); got \(\)"),
        ([1, 2], ValueError, r"got \(2,\): write weights\[0\]\[\.\.\.\] = "),
        ([[1], [2]], ValueError, r"got \(2, 1\)"),
        ([[[1, 2], [3, 4]]], ValueError, r"got \(1, 2, 2\)"),
        ([[1, 2], [3]], TypeError, r"weights\[0\] must be an array; its rows differ"),
        ([[1, 2], [3, 4j]], TypeError, "must hold real numbers; got dtype complex128"),
        ([["1", "2"], ["3", "4"]], TypeError, "must hold real numbers"),
        (None, TypeError, "must hold real numbers; got dtype object"),
        (np.full((2, 2), np.nan), ValueError, r"weights\[0\] must be finite in float64"),
        ([[1, np.inf], [0, 0]], ValueError, "must be finite"),
    ],
)
def test_what_does_not_fit_is_refused_whole(theta, views, bad, error, words):
    with pytest.raises(error, match=words):
        views[0] = bad
    with pytest.raises(error, match=words):
        views[-3] = bad
    with pytest.raises(error, match=words):
        views[::-1] = [[1, 1, 1], [1, 1], bad]  # the good ones are not written either
    np.testing.assert_array_equal(theta, 0)


def test_what_overflows_is_refused():
    views = Views([np.zeros(1, np.float32)])
    with pytest.raises(ValueError, match="finite in float32"):
        views[0] = [1e39]


def test_a_wrong_index_or_number_of_arrays_is_refused(theta, views):
    for bad in (3, -4):
        with pytest.raises(IndexError):
            views[bad] = [1, 2, 3]
    for bad in ([], [[1, 2]], [[1, 2], [1, 2, 3], [1]]):
        with pytest.raises(ValueError, match=rf"weights: 2 arrays are needed.*got {len(bad)}"):
            views[1:] = bad
    np.testing.assert_array_equal(theta, 0)


def _delete(views):
    del views[0]


def _add(views):
    views += [np.ones(2)]


def _multiply(views):
    views *= 2


@pytest.mark.parametrize(
    "change",
    [
        lambda views: views.append(np.ones(2)),
        lambda views: views.extend([np.ones(2)]),
        lambda views: views.insert(0, np.ones(2)),
        lambda views: views.pop(),
        lambda views: views.remove(views[0]),
        lambda views: views.clear(),
        lambda views: views.sort(key=len),
        lambda views: views.reverse(),
        _delete,
        _add,
        _multiply,
    ],
)
def test_length_and_order_stay(theta, views, change):
    before = list(views)
    with pytest.raises(TypeError, match=r"weights: how many arrays there are, and their order"):
        change(views)
    assert all(a is b for a, b in zip(views, before, strict=True))
    np.testing.assert_array_equal(theta, 0)


def test_every_method_that_could_change_the_list_is_covered():
    """Python's own list of what a mutable sequence does, beside what reads."""
    reading = {"copy", "count", "index"}
    methods = {name for name in vars(list) if not name.startswith("_")} - reading
    writing = {"__setitem__", "__delitem__", "__iadd__", "__imul__"}
    assert methods | writing <= set(vars(Views))


def test_other_lists_made_of_it_are_plain(views):
    for other in (
        views + views,
        views + list(views),
        views[:2],
        views * 2,
        list(views),
        views.copy(),
    ):
        assert type(other) is list
        assert other[0] is views[0]
    assert type(copy.copy(views)) is list
    assert copy.copy(views)[1] is views[1]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_copies_are_plain_lists_that_share_nothing(theta, views, again):
    theta[:] = np.arange(9)
    other = again(views)
    assert type(other) is list
    for ours, theirs in zip(views, other, strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert not np.shares_memory(theirs, theta)
