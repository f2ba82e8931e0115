"""glassnet: neural networks you can see through.

- Networks: `MLP`; `MLPClassifier`, `MLPRegressor` and `Perceptron`, which are scikit-learn
  estimators; `fit_many` trains many at once; `save` and `load` keep them in files.
- What they do: `trace` writes out one step of training, `diagnose` says why a network does
  not learn, `check_gradients` compares gradients with central differences, `Recorder` keeps
  a training, `plots` draws, `landscapes` computes losses to draw.
- What they are made of: `activations`, `losses`, `optimizers`, `schedules`, `initializers`;
  `catalog` lists them and takes your own.

Names are imported when they are first used, so that ``import glassnet`` costs little
more than NumPy and works where nothing else is installed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet import (
        activations as activations,
    )
    from glassnet import (
        catalog as catalog,
    )
    from glassnet import (
        initializers as initializers,
    )
    from glassnet import (
        landscapes as landscapes,
    )
    from glassnet import (
        losses as losses,
    )
    from glassnet import (
        optimizers as optimizers,
    )
    from glassnet import (
        plots as plots,
    )
    from glassnet import (
        schedules as schedules,
    )
    from glassnet.estimators.classifier import MLPClassifier as MLPClassifier
    from glassnet.estimators.perceptron import Perceptron as Perceptron
    from glassnet.estimators.regressor import MLPRegressor as MLPRegressor
    from glassnet.files import load as load
    from glassnet.files import save as save
    from glassnet.insight.diagnosis.diagnose import diagnose as diagnose
    from glassnet.insight.gradients import check_gradients as check_gradients
    from glassnet.insight.recorder import Recorder as Recorder
    from glassnet.insight.tracing import trace as trace
    from glassnet.many import fit_many as fit_many
    from glassnet.mlp import MLP as MLP
    from glassnet.predictor import Predictor as Predictor
    from glassnet.training import DivergenceWarning as DivergenceWarning
    from glassnet.training import EarlyStopping as EarlyStopping

__version__ = "0.1.0"

_MODULES = (
    "activations",
    "catalog",
    "initializers",
    "landscapes",
    "losses",
    "optimizers",
    "plots",
    "schedules",
)
_NAMES = {
    "MLP": "glassnet.mlp",
    "MLPClassifier": "glassnet.estimators.classifier",
    "MLPRegressor": "glassnet.estimators.regressor",
    "Perceptron": "glassnet.estimators.perceptron",
    "check_gradients": "glassnet.insight.gradients",
    "diagnose": "glassnet.insight.diagnosis.diagnose",
    "fit_many": "glassnet.many",
    "load": "glassnet.files",
    "save": "glassnet.files",
    "Recorder": "glassnet.insight.recorder",
    "trace": "glassnet.insight.tracing",
    "Predictor": "glassnet.predictor",
    "EarlyStopping": "glassnet.training",
    "DivergenceWarning": "glassnet.training",
}

__all__ = ["__version__", *_MODULES, *_NAMES]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"glassnet.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    from glassnet.names import did_you_mean

    meant = "" if name.startswith("_") else did_you_mean("", name, __all__)
    raise AttributeError(f"module 'glassnet' has no attribute {name!r}{meant}")


def __dir__() -> list[str]:
    return sorted({*__all__, "__doc__", "__file__", "__name__", "__path__"})
