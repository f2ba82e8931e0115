"""MLP estimators that the compiled engine trains, however small the work."""

from unittest import mock

import glassnet
from glassnet.engines import choice


class Compiled:
    """Raises where NumPy has trained, though there are kernels for it."""

    def _fit(self, X, *args, **kwargs):
        with mock.patch.object(choice, "_SMALL_SECONDS", 0.0):  # seconds of work left to NumPy
            super()._fit(X, *args, **kwargs)
        assert self.engine_ == "numba", self.engine_reason_


class MLPClassifier(Compiled, glassnet.MLPClassifier):
    pass


class MLPRegressor(Compiled, glassnet.MLPRegressor):
    pass
