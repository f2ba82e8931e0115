"""The names of what a kernel reads from ``at``, in their order."""

from __future__ import annotations

from collections.abc import Callable

from glassnet.engines.compiled.compilation import Kernel

__all__ = ["names_of", "operands"]


def operands(*names: str) -> Callable[[Kernel], Kernel]:
    """Return a decorator that declares the operands of a kernel: ``at[0]``, ``at[1]``, ...

    Parameters
    ----------
    *names : str
        By which an instruction hands them over, in any order.
    """

    def declared(kernel: Kernel) -> Kernel:
        """Leave the kernel as it is, and note them with it."""
        vars(kernel)["operands"] = names
        return kernel

    return declared


def names_of(kernel: Kernel) -> tuple[str, ...]:
    """Return the operands that a kernel declares."""
    found: tuple[str, ...] = vars(kernel)["operands"]
    return found
