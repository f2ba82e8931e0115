"""What many fits warn of, said once each, with the models that it is about."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["Heard", "named"]

_NAMED = 10  # models in a warning, before it says how many more there are


class Heard:
    """Catches the warnings of some threads; other threads warn as ever.

    Parameters
    ----------
    total : int
        How many models there are.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.found: dict[tuple[type[Warning], str], list[int]] = {}
        self._own, self._lock = threading.local(), threading.Lock()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Catch warnings that are about a model."""
        with warnings.catch_warnings():
            warnings.simplefilter("always")  # whose filters apply is decided by `say`
            others = warnings.showwarning

            def show(message, category, filename, lineno, file=None, line=None):  # type: ignore[no-untyped-def]
                model = getattr(self._own, "model", None)
                if model is None:
                    others(message, category, filename, lineno, file, line)
                else:
                    self._note(category, str(message), model)

            warnings.showwarning = show
            yield

    @contextmanager
    def about(self, model: int) -> Iterator[None]:
        """Take what this thread warns of to be about a model."""
        self._own.model = model
        try:
            yield
        finally:
            self._own.model = None

    def has_warned_of(self, model: int) -> bool:
        """Return whether anything is about a model."""
        with self._lock:
            return any(model in models for models in self.found.values())

    def say(self, stacklevel: int) -> None:
        """Warn of all that was heard, in the order of the models."""
        with self._lock:
            found = {what: sorted(models) for what, models in self.found.items()}
        for (category, text), models in sorted(found.items(), key=lambda item: item[1]):
            words = f"{text} [{named(models, self.total)}]" if self.total > 1 else text
            warnings.warn(words, category, stacklevel=stacklevel + 1)

    def _note(self, category: type[Warning], text: str, model: int) -> None:
        with self._lock:
            models = self.found.setdefault((category, text), [])
            if model not in models:
                models.append(model)


def named(models: Sequence[int], total: int) -> str:
    """Return how models are spoken of.

    Examples
    --------
    >>> named([0, 3], 8), named(range(8), 8)
    ('models 0, 3 of 8', 'all 8 models')
    """
    if len(models) == total:
        return f"all {total} models"
    shown = ", ".join(map(str, models[:_NAMED]))
    more = f" and {len(models) - _NAMED} more" if len(models) > _NAMED else ""
    return f"model{'s' * (len(models) > 1)} {shown}{more} of {total}"
