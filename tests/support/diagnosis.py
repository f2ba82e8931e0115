"""Models for `diagnose`, and what it measured of them, to be made to say something else."""

from dataclasses import replace

from benchmarks.diagnosis_cases import moons

from glassnet import MLP, optimizers
from glassnet.insight.diagnosis import training_rules
from glassnet.insight.diagnosis.baselines import measure_baselines
from glassnet.insight.diagnosis.measured import measure
from glassnet.insight.diagnosis.reading import case_of
from glassnet.insight.diagnosis.runs import halves

ADAM = {"optimizer": optimizers.Adam(0.01), "epochs": 30, "batch_size": 32}
X, Y = moons(0, 300)


def net(hidden=(16,), inputs=2, **options):
    return MLP([inputs, *hidden, 1], **{"loss": "binary_cross_entropy", "seed": 0, **options})


def seen(model=None, A=X, t=Y, settings=ADAM):
    """Return what was measured, to be made to say something else."""
    whole = case_of(model or net(), A, t, None, None, settings, 0)
    case = halves(whole, 0)
    return measure(case, measure_baselines(case, 0), 0, whole)


def as_good_as(m, figure):
    """Let other learners come to this score."""
    m.data = replace(m.data, linear=figure, trees=figure)


def slower_than(m, figure):
    """Let the same run at lower rates come to this score."""
    for name in training_rules._SLOWER:
        m.tried[name] = replace(m.base, train=figure)
