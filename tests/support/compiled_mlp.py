"""MLP estimators that the compiled engine trains, however small the work.

Importing this module changes what ``engine="auto"`` means: for a process of its own.
"""

import glassnet
from glassnet.engines import choice

choice._SMALL = 0.0  # seconds of work that are left to NumPy


class Compiled:
    """Raises where NumPy has trained, though there are kernels for it."""

    def _fit(self, X, *args, **kwargs):
        super()._fit(X, *args, **kwargs)
        assert self.engine_ == "numba", self.engine_reason_


class MLPClassifier(Compiled, glassnet.MLPClassifier):
    pass


class MLPRegressor(Compiled, glassnet.MLPRegressor):
    pass
