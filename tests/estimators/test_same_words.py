"""What a fit prints and warns of: scikit-learn's words."""

import warnings
from pathlib import Path

import pytest
from sklearn.exceptions import DataConversionWarning

from support.twins import DATA, SGD, STOP, assert_same_warnings, assert_twins, case

# --- what it prints ---------------------------------------------------------------------

ADAPTIVE = {"learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 1, **SGD}
SAYING = [
    case("multi", max_iter=5),
    case("labels", tol=1.0, n_iter_no_change=1),
    case("words", **(STOP | {"n_iter_no_change": 2})),
    case("values", weighted=True, **(STOP | {"max_iter": 4})),
    case("multi", **(ADAPTIVE | {"learning_rate_init": 1e-4, "max_iter": 60})),
    case("multi", **(ADAPTIVE | {"max_iter": 60}), early_stopping=True),
]


@pytest.mark.parametrize("verbose", [True, 3])
@pytest.mark.parametrize("case", SAYING, ids=str)
def test_verbose_prints_the_same(case, verbose, capsys):
    texts = []
    for one in case.pair(verbose=verbose):
        case.fit(one)
        texts.append(capsys.readouterr())
    assert texts[1].out == texts[0].out
    assert len(texts[1].out.splitlines()) >= 3
    assert texts[1].err == ""


def test_the_rate_is_lowered_until_it_is_too_small(capsys):
    case("multi", **ADAPTIVE, max_iter=200).fitted(verbose=True)
    lines = capsys.readouterr().out.splitlines()
    theirs, ours = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    assert ours == theirs
    assert sum("Setting learning rate to" in line for line in ours) == 8  # 0.1 / 5**8 < 1e-6
    assert ours[-1].endswith("Learning rate too small. Stopping.")


def test_partial_fit_prints_the_same(capsys):
    texts = []
    for one in case("multi", tol=1.0, n_iter_no_change=1).pair(verbose=True):
        for _ in range(4):
            one.partial_fit(DATA["multi"].X, DATA["multi"].y, classes=[0, 1, 2])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] != ""


def test_quiet_by_default(capsys):
    case("multi").fitted()
    assert capsys.readouterr() == ("", "")


# --- what it warns of -------------------------------------------------------------------

WARNED = {
    "not converged": (1, case("multi", max_iter=3)),
    "converged": (0, case("multi", tol=1.0, n_iter_no_change=1)),
    "converged in the last epoch": (0, case("multi", tol=1.0, n_iter_no_change=1, max_iter=3)),
    "a batch larger than the data": (2, case("values", batch_size=61, max_iter=3)),
    "too few iterations": (1, case("values", solver="lbfgs", max_iter=3)),
    "too few evaluations": (1, case("multi", solver="lbfgs", max_fun=4)),
    "lbfgs converged": (0, case("multi", solver="lbfgs", tol=0.5)),
    "a column of targets": (2, case("column", max_iter=3)),
}


@pytest.mark.parametrize("name", WARNED)
def test_the_same_warnings(name):
    number, one = WARNED[name]
    (theirs, ours), (their_words, our_words) = one.fitted()
    assert len(our_words) == number
    assert_same_warnings(our_words, their_words)
    assert_twins(ours, theirs, one)


def test_warnings_point_at_the_line_that_called_fit():
    for number, one in WARNED.values():
        _, (_, ours) = one.fitted()
        lines = [Path(w.filename).name for w in ours if w.category is not DataConversionWarning]
        assert lines == ["twins.py"] * len(lines)
        assert len(lines) >= min(number, 1)


def test_a_column_of_labels_is_warned_of():
    one = case("multi", max_iter=40)
    for twin in one.pair():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", DataConversionWarning)
            with pytest.raises(DataConversionWarning, match="column-vector"):
                twin.fit(one.X, one.y[:, None])
