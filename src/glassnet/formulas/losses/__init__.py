r"""Losses: what an error costs, and which way is downhill.

Every loss is two functions of the targets ``y`` and the logits ``f`` (the network's
last pre-activations), both of shape ``(n_samples, n_outputs)``:

- its value for each sample, summed over the outputs, shape ``(n_samples,)``;
- the gradient of that value by the logits, shape ``(n_samples, n_outputs)``.

Taken at the logits, a cross-entropy needs no logarithm of a probability that has
rounded to 0 or 1: its value stays exact and its gradient alive however sure the
network is.

Three rules hold for all of them. At a kink, where two slopes meet, the gradient is 0
(each of these kinks is a minimum). At an infinite logit the value is the limit,
wherever there is one. A value or gradient too large for the dtype is ``inf``, and NumPy
gives no warning. NaN passes through the values.
"""

from glassnet.formulas.losses.batch import (
    weighted_gradient,
    weighted_mean,
)
from glassnet.formulas.losses.entropy import (
    binary_cross_entropy,
    binary_cross_entropy_both,
    binary_cross_entropy_gradient,
    categorical_cross_entropy,
    categorical_cross_entropy_both,
    categorical_cross_entropy_gradient,
)
from glassnet.formulas.losses.margins import (
    hinge,
    hinge_gradient,
    squared_hinge,
    squared_hinge_gradient,
)
from glassnet.formulas.losses.regression import (
    absolute_error,
    absolute_error_gradient,
    huber,
    huber_gradient,
    poisson,
    poisson_gradient,
    quantile,
    quantile_gradient,
    squared_error,
    squared_error_gradient,
)

__all__ = [
    "absolute_error",
    "absolute_error_gradient",
    "binary_cross_entropy",
    "binary_cross_entropy_both",
    "binary_cross_entropy_gradient",
    "categorical_cross_entropy",
    "categorical_cross_entropy_both",
    "categorical_cross_entropy_gradient",
    "hinge",
    "hinge_gradient",
    "huber",
    "huber_gradient",
    "poisson",
    "poisson_gradient",
    "quantile",
    "quantile_gradient",
    "squared_error",
    "squared_error_gradient",
    "squared_hinge",
    "squared_hinge_gradient",
    "weighted_gradient",
    "weighted_mean",
]
