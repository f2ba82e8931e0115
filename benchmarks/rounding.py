"""How far rounding alone drives the final losses of a row apart.

    python -m benchmarks.rounding [ROW ...] [--dtype DTYPE] [--activation NAME] [--runs N]

Plain NumPy trains a row again and again, with one thread, each time with a change that
leaves the mathematics as it is. By rounding only, in as many ways as there are runs:

- *bit*: one first weight of each network goes to the next number of its precision (one
  feature of one sample, where all first weights are 0);
- *features*: they stand in another order, so that the first layer sums in another;
- *samples*: those of a batch stand in another order, so that its gradients sum in another.

And by the form of Adam, once each:

- *glassnet's*: each moment is a sum of two products, as Adam's paper has it, where plain
  NumPy adds a share of a difference (and PyTorch has one moment so, the other so);
- *scikit-learn's*: the same, and ε is added before the correction of the moments;
- *JAX's*: glassnet's, but with 1 - βᵗ in the precision of the parameters.

A gap is the difference of two losses as a share of the first run's. `ALLOWED` has the largest
gap in float32 of each row where it is more than `LEAST`, as this command found it; the table
marks who differs by more.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Iterable

import numpy as np

from benchmarks.cases import NUMPY, ROWS, Case
from benchmarks.judging import result
from benchmarks.peers import plain_numpy, prepare
from benchmarks.peers.plain_numpy import Array
from benchmarks.tasks import Task, build

__all__ = ["ALLOWED", "CHANGES", "FORMS", "LEAST", "allowed", "gap", "losses", "main"]

ALLOWED = {
    "small": 2.5e-6,
    "table": 7.8e-6,
    "mnist": 1.6e-3,
    "wide": 6.0e-4,
    "many: 20-32-32-2": 4.0e-6,
}
LEAST = 1e-6
RUNS = 12


def allowed(case: Case) -> float:
    """Return by which share of ours the result of equal work may differ."""
    return LEAST if case.dtype == "float64" else ALLOWED.get(case.name, LEAST)


# --- changes that leave the mathematics as it is


def _bit(task: Task, rng: np.random.Generator) -> Task:
    """Move one first weight of each network by its last bit."""
    arrays = task.weights if any(map(np.any, task.weights)) else [task.X]
    place = int(rng.integers(len(arrays)))
    moved = arrays[place].copy()
    each = moved.reshape(task.case.nets, -1)
    spots = np.arange(len(each)), rng.integers(each.shape[1], size=len(each))
    each[spots] = np.nextafter(each[spots], each.dtype.type(np.inf))
    if arrays is not task.weights:
        return dataclasses.replace(task, X=moved)
    weights = [moved if i == place else W for i, W in enumerate(task.weights)]
    return dataclasses.replace(task, weights=weights)


def _features(task: Task, rng: np.random.Generator) -> Task:
    """Let the features stand in another order, and the first weights with them."""
    order = rng.permutation(task.X.shape[1])
    X = np.ascontiguousarray(task.X[:, order])
    first = np.ascontiguousarray(task.weights[0][..., order, :])
    return dataclasses.replace(task, X=X, weights=[first, *task.weights[1:]])


def _samples(task: Task, rng: np.random.Generator) -> Task:
    """Let the samples of each batch stand in another order."""
    case = task.case
    if case.kind == "perceptron":
        return task  # it learns from one after the other: their order is no matter of sums
    if not case.batch:
        order = rng.permutation(case.rows)
        return dataclasses.replace(task, X=task.X[order], y=task.y[order])
    starts = range(0, case.rows, case.size)
    parts = [rng.permuted(task.order[..., i : i + case.size], axis=-1) for i in starts]
    return dataclasses.replace(task, order=np.concatenate(parts, axis=-1))


CHANGES: dict[str, Callable[[Task, np.random.Generator], Task]] = {
    "bit": _bit,
    "features": _features,
    "samples": _samples,
}

# --- forms of Adam


class _Sums(plain_numpy.Net):
    """glassnet's form."""

    def update_moments(self, g: Array, m: Array, v: Array) -> None:
        """Update the moments as sums of two products, in place."""
        m[...] = 0.9 * m + 0.1 * g
        v[...] = 0.999 * v + 0.001 * (g * g)


class _Early(_Sums):
    """scikit-learn's form."""

    def change(self, m: Array, v: Array) -> Array:
        """Return the change by the moments, ε added before the correction."""
        rate = self.rate * (1 - 0.999**self.t) ** 0.5 / (1 - 0.9**self.t)
        return rate * m / (np.sqrt(v) + 1e-8)


class _Short(_Sums):
    """JAX's form."""

    def change(self, m: Array, v: Array) -> Array:
        """Return the change by the moments, corrected in the precision of the parameters."""
        own, t = m.dtype.type, m.dtype.type(self.t)
        m_hat, v_hat = m / (1 - own(0.9) ** t), v / (1 - own(0.999) ** t)
        return self.rate * m_hat / (np.sqrt(v_hat) + 1e-8)


FORMS: dict[str, type[plain_numpy.Net]] = {
    "glassnet's": _Sums,
    "scikit-learn's": _Early,
    "JAX's": _Short,
}

# --- what they come to


def losses(case: Case, runs: int) -> dict[str, list[float]]:
    """Return the final losses by what was changed; that of the first run is under ""."""
    task = build(case)
    found = {"": [_loss(task)]}
    for name, change in CHANGES.items():
        draws = [np.random.default_rng(seed) for seed in range(runs)]
        found[name] = [_loss(change(task, rng)) for rng in draws]
    if case.optimizer == "adam":
        found |= {name: [_loss(task, form)] for name, form in FORMS.items()}
    return found


def _loss(task: Task, form: type[plain_numpy.Net] = plain_numpy.Net) -> float:
    if task.case.kind == "perceptron":
        return result(task, prepare(NUMPY, task)())
    several = task.case.kind == "many"
    nets = [task.net(k) for k in range(task.case.nets)] if several else [task]
    return float(np.mean([result(net, plain_numpy.train(net, form)()) for net in nets]))


def gap(first: float, others: Iterable[float]) -> float:
    """Return the largest difference of two losses, as a share of the first."""
    every = [first, *others]
    return (max(every) - min(every)) / abs(first)


def main(arguments: list[str] | None = None) -> None:
    """Print the gaps of the rows that the command line names, or of all that train."""
    cases = [c for row in ROWS.values() for c in row if c.kind not in ("predict", "start")]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help="the first word of a row's name")
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument(
        "--activation", choices=list(plain_numpy.ACTIVATIONS), help="in all rows"
    )
    parser.add_argument("--runs", type=int, default=RUNS, help=f"default {RUNS}")
    given = parser.parse_args(arguments)
    if unknown := set(given.rows) - {_word(case) for case in cases}:
        parser.error(
            f"no row {unknown}: there are {', '.join(dict.fromkeys(map(_word, cases)))}"
        )
    for name in ("dtype", "activation"):
        if chosen := getattr(given, name):
            cases = [dataclasses.replace(case, **{name: chosen}) for case in cases]
    heads = "".join(f" {name} |" for name in ("loss", *CHANGES, *FORMS, "largest gap"))
    print(f"| row, {given.dtype} |{heads}\n|---|{heads.count('|') * '---:|'}", flush=True)
    for case in cases:
        if not given.rows or _word(case) in given.rows:
            print(_row(case, given.runs), flush=True)


def _word(case: Case) -> str:
    """Return the word by which a row is asked for."""
    return case.name.split(":")[0]


def _row(case: Case, runs: int) -> str:
    """Return a row's loss, its gaps by rounding, its losses by Adam's form, the largest gap."""
    found = losses(case, runs)
    (first,) = found.pop("")
    gaps = [f"{gap(first, found[name]):.1e}" for name in CHANGES]
    forms = [f"{found[name][0]:.10g}" if name in found else "" for name in FORMS]
    every = gap(first, (loss for each in found.values() for loss in each))
    return f"| {' | '.join([case.name, f'{first:.10g}', *gaps, *forms, f'{every:.1e}'])} |"


if __name__ == "__main__":
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        main()
