"""The activation functions, for use by hand: ``activations.relu(z)``.

The same functions as in `glassnet.formulas.activations`; their records, with the facts about
each, are in `glassnet.catalog`.
"""

from glassnet.formulas.activations import *  # noqa: F403  (the list of names is below)
from glassnet.formulas.activations import __all__ as __all__
