"""The loop around the engine: batches, rates, history, early stopping, callbacks."""

from glassnet.training.early_stopping import EarlyStopping
from glassnet.training.history import Epoch, History
from glassnet.training.loop import fit
from glassnet.training.outcome import DivergenceWarning
from glassnet.training.settings import Settings

__all__ = ["DivergenceWarning", "EarlyStopping", "Epoch", "History", "Settings", "fit"]
