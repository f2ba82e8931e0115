r"""Update rules: each takes one step, in place, on flat vectors.

The letters are the same everywhere: :math:`\theta` is `param`, :math:`g` is `grad`
(read, never written), :math:`\eta` is `rate`, :math:`t = 1, 2, \dots` counts updates of
the whole vector. Products and square roots of vectors are element by element.
`rate` and `weight_decay` are floats or vectors shaped like `param`.

State vectors start at zero unless a rule says otherwise, and keep the dtype of `param`.
"""

from glassnet.formulas.optimizers.adam import (
    adam_step,
    adamax_step,
    adamw_step,
    nadam_step,
    radam_step,
)
from glassnet.formulas.optimizers.momentum import lion_step, momentum_step, sgd_step
from glassnet.formulas.optimizers.regularisation import add_l2, clip_by_norm, clip_by_value
from glassnet.formulas.optimizers.scaled import adadelta_step, adagrad_step, rmsprop_step

__all__ = [
    "adadelta_step",
    "adagrad_step",
    "adam_step",
    "adamax_step",
    "adamw_step",
    "add_l2",
    "clip_by_norm",
    "clip_by_value",
    "lion_step",
    "momentum_step",
    "nadam_step",
    "radam_step",
    "rmsprop_step",
    "sgd_step",
]
