"""The losses of the catalogue, as plain functions."""

from glassnet.formulas.losses import *  # noqa: F403 (the formulas are the public names)
from glassnet.formulas.losses import __all__ as __all__
