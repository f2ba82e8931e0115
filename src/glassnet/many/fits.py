"""`fit_many`: many networks at once."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.arguments import listed, whole_number
from glassnet.engines.company import joined
from glassnet.engines.cores import n_threads as usable
from glassnet.many.heard import Heard, named
from glassnet.many.side_by_side import made_company, side_by_side
from glassnet.many.together import trained_together
from glassnet.training import Epoch
from glassnet.training.progress import check_verbose, progress

__all__ = ["fit_many"]

Arguments = Mapping[str, Any]


def fit_many(
    models: Any,
    X: Any,
    y: Any,
    *,
    each: Iterable[Arguments] | None = None,
    n_threads: int | None = None,
    verbose: bool | int = False,
    **arguments: Any,
) -> Any:
    r"""Train many models at once, each as its own `fit` would train it.

    .. math:: \theta_k = \mathrm{fit}_k(X, y), \qquad k = 0, \dots, K - 1

    The fits share the data and the cores: one thread for each network, as many networks at
    a time as there are threads. Small `MLP` networks that nobody looks at while they train are
    trained in calls of machine code in which each thread takes one after the other. Every
    number is, bit for bit, that of `fit` alone with the engine that the model's ``engine_``
    names, whatever the number of threads.

    Parameters
    ----------
    models : sequence of models, or one that makes fits of its own
        `MLP`, `MLPClassifier`, `MLPRegressor`, pipelines: anything with `fit`, of any
        shapes. They are fitted in place, so each must be an object of its own. Or one
        search of scikit-learn, such as ``GridSearchCV(MLPClassifier(), grid)``: its fits are
        run side by side (so are those of anything within it that leaves ``n_jobs`` at None).
    X : array or sparse matrix, shape (n, n_features)
        Given to every fit.
    y : array, shape (n,) or (n, n_outputs)
        Given to every fit.
    each : sequence of dict, one per model, optional
        Arguments of `fit` that differ from model to model, such as
        ``{"optimizer": SGD(0.1)}`` for an `MLP`, or ``{"X": X[rows], "y": y[rows]}`` for a
        fold of the data. They come before those given for all.
    n_threads : int, >= 1, optional
        Fits that run at a time, never more than there are cores; by default as for `MLP`.
    verbose : bool or int
        True shows a bar that counts fits; an integer prints a line each so many fits. A
        search has a `verbose` of its own.
    **arguments
        Further arguments of each `fit`: ``epochs=100``, ``sample_weight=w``, ...

    Returns
    -------
    list, or the search
        The models in their order, and None in the place of one whose fit failed. The search
        itself, where one was given.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used.
    Exception
        If every fit failed: the error of the first.
    KeyboardInterrupt
        At Ctrl-C, within a moment: fits under way end as `fit` does, but for those in one call
        of machine code, which are left untrained; no thread is left. What was trained until
        then stays so.

    Warns
    -----
    RuntimeWarning
        If some fits failed: which, and why. Their models are as they were.
    Warning
        What the fits warn of, once each, with the numbers of the models that it is about.

    Notes
    -----
    ``engine="auto"`` looks at the work of all fits together, and so takes the compiled engine
    for many small ones; those of a search are looked at one by one. Where it takes NumPy, the
    fits run one after another for the most part: that engine holds the interpreter's lock.

    Callbacks are called from several threads. Models that draw from one source of random
    numbers (the same `Generator` or `RandomState` object) are trained one after another in
    their order. Estimators with ``random_state=None`` draw from NumPy's global source in
    whatever order they come to it.

    Examples
    --------
    Four starts of one network, and two learning rates:

    >>> import numpy as np
    >>> from glassnet import MLP, fit_many, optimizers
    >>> X = np.linspace(-1, 1, 20).reshape(-1, 1)
    >>> y = X[:, 0] ** 2
    >>> nets = fit_many([MLP([1, 8, 1], seed=seed) for seed in range(4)], X, y, epochs=50)
    >>> best = min(nets, key=lambda net: net.history.loss[-1])
    >>> rates = [{"optimizer": optimizers.SGD(rate)} for rate in (0.01, 0.1)]
    >>> slow, fast = fit_many([MLP([1, 8, 1], seed=0) for _ in rates], X, y, each=rates)
    >>> slow.history.loss[-1] > fast.history.loss[-1]
    True

    A grid with cross-validation, as scikit-learn has it:

    >>> from sklearn.model_selection import GridSearchCV
    >>> from glassnet import MLPRegressor
    >>> net = MLPRegressor(hidden_layer_sizes=8, max_iter=20, tol=0.1, random_state=0)
    >>> grid = {"learning_rate_init": [0.001, 0.1]}
    >>> fit_many(GridSearchCV(net, grid, cv=2), X, y).best_params_
    {'learning_rate_init': 0.1}
    """
    threads = usable(None if n_threads is None else whole_number("n_threads", n_threads))
    if isinstance(models, type):
        raise TypeError(
            f"models must be models, or one search; got the class {models.__name__}: "
            f"write {models.__name__}(...)"
        )
    if hasattr(models, "fit") and not isinstance(models, Sequence):
        if each is not None:
            raise TypeError(f"each belongs to a sequence of models; got {models!r} and each")
        from glassnet.estimators.joblib_threads import fit_within

        return fit_within(models, threads, X, y, **arguments)
    models = _checked(models)
    given = {"X": _array(X), "y": y, **arguments}
    told = [{**given, **own} for own in _own_arguments(each, len(models))]
    fits = _Fits(models, told)
    fits.run(threads, check_verbose(verbose))
    fits.heard.say(stacklevel=2)
    return fits.fitted(stacklevel=2)


class _Fits:
    """Some fits: what they are told, and what became of them."""

    def __init__(self, models: list[Any], told: list[dict[str, Any]]) -> None:
        self.models, self.told = models, told
        self.heard = Heard(len(models))
        self.errors: dict[int, Exception] = {}

    def run(self, threads: int, verbose: bool | int) -> None:
        """Fit all, and show how many are done."""
        total, done = len(self.models), 0
        display, ending = progress(verbose, total, 1, "Fit"), "interrupted"
        try:
            with self.heard.listening():
                for k in self._trained(threads):
                    done += 1
                    model = self.models[k]
                    loss = _last_loss(model)
                    display.update(Epoch(done, loss, None, {}, math.nan, math.nan, model))
            ending = "finished"
        finally:
            display.close(ending)

    def _trained(self, threads: int) -> Iterator[int]:
        """Train all; yield the number of each model whose fit has ended."""
        total, chains, done = len(self.models), _chains(self.models), set[int]()
        alone = {k: self.models[k] for k, *others in chains if not others}
        these = made_company(1, total)
        with joined(these):
            for k in trained_together(alone, self.told, self.heard, these.stop, threads):
                done.add(k)
                yield k
        left = [chain for chain in chains if not done.issuperset(chain)]
        if left:
            yield from side_by_side(self._fit, left, threads, total)

    def _fit(self, k: int) -> None:
        try:
            with self.heard.about(k):
                self.models[k].fit(**self.told[k])
        except Exception as error:
            self.errors[k] = error

    def fitted(self, stacklevel: int) -> list[Any]:
        """Return the models, None where a fit failed; warn of these, or raise if all did."""
        total, failed = len(self.models), sorted(self.errors)
        if failed and len(failed) == total:
            error = self.errors[0]
            if total > 1:
                error.add_note(f"fit_many: all {total} fits failed; this is the first's error")
            raise error
        if failed:
            reasons = dict[str, list[int]]()
            for k in failed:
                error = self.errors[k]
                reasons.setdefault(f"{type(error).__name__}: {error}", []).append(k)
            why = "; ".join(f"{named(ks, total)}: {text}" for text, ks in reasons.items())
            warnings.warn(
                f"{len(failed)} of {total} fits failed, and None stands in their places. {why}",
                RuntimeWarning,
                stacklevel=stacklevel + 1,
            )
        return [None if k in self.errors else model for k, model in enumerate(self.models)]


def _checked(models: Any) -> list[Any]:
    found = listed("models", models)
    for k, model in enumerate(found):
        if not callable(getattr(model, "fit", None)) or isinstance(model, type):
            raise TypeError(f"models must hold objects with fit; models[{k}] is {model!r}")
    if len({id(model) for model in found}) < len(found):
        raise ValueError(
            "models must be objects of their own: one stands there twice; make each anew, or "
            "copy it (sklearn.base.clone, copy.deepcopy)"
        )
    return found


def _own_arguments(each: Iterable[Arguments] | None, total: int) -> list[Arguments]:
    if each is None:
        return [{}] * total
    found = listed("each", each)
    if len(found) != total:
        raise ValueError(f"each must hold a dict per model, {total}; got {len(found)}")
    for k, one in enumerate(found):
        if not isinstance(one, Mapping):
            raise TypeError(f"each must hold dicts of arguments of fit; each[{k}] is {one!r}")
    return found


def _array(X: Any) -> Any:
    """Return lists as one array, which every fit would make for itself."""
    try:
        return np.asarray(X) if isinstance(X, list | tuple) else X
    except ValueError:  # what is wrong with it each fit says itself
        return X


def _chains(models: Sequence[Any]) -> list[list[int]]:
    """Return the models' numbers; those who share a source of random numbers together."""
    of_source, chains = dict[int, list[int]](), list[list[int]]()
    for k, model in enumerate(models):
        sources = [id(source) for source in _sources(model)]
        shared = [of_source[one] for one in sources if one in of_source]
        chain = sorted({k, *(j for one in shared for j in one)})
        chains = [one for one in chains if one not in shared] + [chain]
        for one in [s for s, c in of_source.items() if c in shared] + sources:
            of_source[one] = chain
    return sorted(chains)


def _sources(model: Any) -> list[Any]:
    """Return the sources of random numbers that a model was given as objects."""
    values = [getattr(model, "rng", None)]
    if hasattr(model, "get_params"):
        values.extend(model.get_params().values())
    return [value for value in values if _is_source(value)]


def _is_source(value: Any) -> bool:
    return isinstance(value, np.random.Generator | np.random.RandomState)


def _last_loss(model: Any) -> float:
    history = getattr(model, "history", None)
    losses = getattr(model, "loss_curve_", ()) if history is None else history.loss
    return float(list(losses)[-1]) if len(losses) else math.nan
