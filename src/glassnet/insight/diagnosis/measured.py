"""All that the rules may look at; runs that try a cure are made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from glassnet.engines import numpy_engine as engine
from glassnet.formulas.types import Array
from glassnet.insight.diagnosis.baselines import Baselines
from glassnet.insight.diagnosis.case import Case
from glassnet.insight.diagnosis.cures import GENTLER, applied
from glassnet.insight.diagnosis.layers import Layers, look
from glassnet.insight.diagnosis.runs import (
    FEW,
    Run,
    better,
    error_of,
    run,
    score,
    split_anew,
    standard_error,
)

__all__ = ["Measured", "Tell", "measure", "silent"]

Tell = Callable[[str], None]

_SMALL = 600  # rows up to which a quarter is too few to tell how new ones are predicted


def silent(step: str) -> None:
    """Show nothing of what is done next."""


@dataclass
class Measured:
    """A case, its run, its layers before and after, and what the data allow.

    Attributes
    ----------
    case : Case
        On the rows of the probes.
    base : Run
        What the model came to: its own training where that cannot be repeated, else a run.
    start, end : Layers
        At the first weights (those of `end`, where they are not known), and after.
    data : Baselines
    whole : Case
        The case on all rows, not only on those of the probes.
    tell : callable
        Called with what is done next, before each training run.
    """

    case: Case
    seed: int
    base: Run
    start: Layers
    end: Layers
    data: Baselines
    whole: Case
    tell: Tell = silent
    tried: dict[str, Run] = field(default_factory=dict)

    def cured(self, name: str) -> Run:
        """Return the run with a cure, of the same budget and seed."""
        if name not in self.tried:
            self.tell(f"a training run with a cure: {name}")
            self.tried[name] = run(applied(self.case, name, self.seed), self.seed, stop=True)
        return self.tried[name]

    def end_outputs(self) -> Array:
        """Return the outputs on the rows of the probes, after training."""
        state = self.case.fitted or self.base.state
        found: Array = engine.forward(self.case.plan, state, self.case.X)[0]
        return found

    def best_of(self, *names: str) -> str:
        """Return the cure that fits the training rows best, by the metric and then by loss."""
        return max(names, key=lambda name: (self.cured(name).train, -self.cured(name).final))

    def new_rows(self) -> tuple[float, float, int]:
        """Return the score on rows trained on, that on others, and how many those were.

        Of few rows, a quarter held out tells little: two more quarters are, then.
        """
        runs = [self.learnt]
        rows = 1 if self.case.X_val is None else len(self.case.X_val)
        if self.whole.X_val is None and FEW <= len(self.whole.X) <= _SMALL:
            others = [split_anew(self.case, self.seed + more) for more in (1, 2)]
            self.tell("training runs with other rows held out")
            runs += [run(other, self.seed, stop=True) for other in others]
        train, held = ([getattr(one, of) for one in runs] for of in ("train", "held_out"))
        return float(np.mean(train)), float(np.mean(held)), rows * len(runs)

    @property
    def learnt(self) -> Run:
        """A run that has not seen the held-out rows."""
        unseen = self.can_be_repeated or self.whole.X_val is not None
        return self.base if unseen else self.anew

    @property
    def anew(self) -> Run:
        """A run from new first weights, with rows held out, of a model that is trained."""
        if "" not in self.tried:
            self.tell("a training run from new weights")
            self.tried[""] = run(self.case, self.seed, stop=True)
        return self.tried[""]

    def gentler(self) -> str:
        """Return the cure of overfitting that does best on held-out rows."""
        return max(GENTLER, key=lambda name: self.cured(name).held_out)

    @property
    def can_be_repeated(self) -> bool:
        """Whether `base` was trained here, on rows that leave others to be scored on."""
        return self.case.start_known or self.case.fitted is None

    @property
    def learns(self) -> bool:
        """Whether the model went a good part of the way from a constant to the best."""
        if self.base.diverged:
            return False
        way = self.data.best - self.data.constant
        return self.base.train > self.data.constant + 0.3 * max(way, 0.1)

    @property
    def poor(self) -> bool:
        """Whether the model does clearly worse on its own rows than others on new ones."""
        return self.is_poor(self.base)

    def is_poor(self, one: Run) -> bool:
        """Whether a run does clearly worse on its own rows than others on new ones."""
        own, others = error_of(one.train), error_of(self.data.best)
        chance = standard_error(self.case, self.data.best, len(self.case.X))
        return one.diverged or own > 1.4 * others + 0.02 + chance

    @property
    def unchanged(self) -> Run:
        """The better of the model's own training and, of a trained one, of a new one like it.

        What a change of the settings does cannot be told from a trained model whose first
        weights are not known: new ones may be all that helps.
        """
        if self.can_be_repeated or self.anew.train <= self.base.train:
            return self.base
        return self.anew

    @property
    def stays_poor(self) -> bool:
        """Whether a new training with the same settings would be poor too."""
        return self.poor and self.is_poor(self.unchanged)

    def helps(self, name: str) -> bool:
        """Whether a cure makes the metric on the training rows clearly better."""
        return _improves(self.unchanged, self.cured(name))

    def outdoes(self, name: str) -> bool:
        """Whether a cure makes the metric clearly better than the model's own training did."""
        return _improves(self.base, self.cured(name))

    def helps_new_rows(self, name: str) -> bool:
        """Whether a cure makes the metric on held-out rows better by more than chance."""
        before = self.learnt.held_out
        after, rows = self.cured(name).held_out, self.case.X_val
        if rows is None or len(rows) < FEW:
            return False
        least = max(0.05, 2 * standard_error(self.case, after, len(rows)))
        return better(before, after, least=least)

    def lowers(self, name: str, share: float) -> bool:
        """Whether a cure's last loss is at most this share of the model's."""
        found = self.cured(name)
        if found.diverged:
            return False
        return self.unchanged.diverged or found.loss[-1] <= share * self.unchanged.loss[-1]


def _improves(before: Run, after: Run) -> bool:
    if before.diverged:
        return not after.diverged and after.loss[-1] < after.loss[0]
    return not after.diverged and better(before.train, after.train)


def measure(
    case: Case, data: Baselines, seed: int, whole: Case, tell: Tell = silent
) -> Measured:
    """Look at the case's layers and run it once."""
    tell("the layers, and a training run as it is")
    if case.start_known or case.fitted is None:
        base = run(case, seed, stop=True)
        start = look(case, case.start)
        end = look(case, base.state if case.fitted is None else case.fitted)
        return Measured(case, seed, base, start, end, data, whole, tell)
    base = _own(case)
    end = look(case, case.fitted)
    return Measured(case, seed, base, end, end, data, whole, tell)


def _own(case: Case) -> Run:
    """Return the model's own training as a run."""
    assert case.fitted is not None
    loss = case.history or (look(case, case.fitted).loss,)
    train = score(case, case.fitted, case.X, case.y)
    held = train if case.X_val is None else score(case, case.fitted, case.X_val, case.y_val)
    return Run(
        loss,
        case.validation_history,
        case.fitted,
        train,
        held,
        not np.isfinite(loss).all(),
        case.epochs,
    )
