"""The initializers of the catalogue, as plain functions."""

from glassnet.formulas.initializers import *  # noqa: F403 (the formulas are the public names)
from glassnet.formulas.initializers import __all__ as __all__
