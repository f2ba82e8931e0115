"""The activations, for use by hand on anything array-like.

The formulas themselves stand in `glassnet.formulas.activations`, their records, with the facts
about each, in `glassnet.catalog`.
"""

from typing import TYPE_CHECKING

from glassnet.formulas import activations as _formulas

if TYPE_CHECKING:
    from glassnet.formulas.activations import *  # noqa: F403 - the names that __all__ lists
else:
    from glassnet.namespace import public

    globals().update(public(_formulas))

__all__ = _formulas.__all__
