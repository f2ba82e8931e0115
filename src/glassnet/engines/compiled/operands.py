"""The names of what a kernel reads: whole numbers from ``at``, constants from ``numbers``.

An instruction has both as rows of a table. A kernel is written with names, and compiled with
the places that these have; an instruction hands over by name what the kernel declares.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Kernel", "constants_of", "operands", "operands_of"]

Kernel = Callable[..., None]


def operands(*names: str, constants: tuple[str, ...] = ()) -> Callable[[Kernel], Kernel]:
    """Return a decorator that declares what a kernel reads.

    Parameters
    ----------
    *names : str
        Of whole numbers, such as sizes, and places in θ and in memory: attributes of ``at``.
    constants : tuple of str
        Of real numbers: attributes of ``numbers``.
    """

    def declared(kernel: Kernel) -> Kernel:
        """Leave the kernel as it is, and note them with it."""
        vars(kernel).update(operands=names, constants=constants)
        return kernel

    return declared


def operands_of(kernel: Kernel) -> tuple[str, ...]:
    """Return the names of the operands that a kernel declares, in the order of ``at``."""
    found: tuple[str, ...] = vars(kernel).get("operands", ())
    return found


def constants_of(kernel: Kernel) -> tuple[str, ...]:
    """Return the names of the constants that a kernel declares, in the order of ``numbers``."""
    found: tuple[str, ...] = vars(kernel).get("constants", ())
    return found
