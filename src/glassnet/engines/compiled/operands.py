"""The names of what a kernel reads and writes.

An instruction has its operands (``at``, whole numbers) and its constants (``constants``, real
ones) as a row of each of two tables. A kernel is written with names, and compiled with the
places that these have; an instruction hands over by name what the kernel declares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from glassnet.engines.compiled import layout

__all__ = ["ARGUMENTS", "Kernel", "names_of", "operands"]

Kernel = Callable[..., None]


class _Names(NamedTuple):
    """What a kernel knows by name, in the order of its arguments."""

    at: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    context: tuple[str, ...] = layout.CONTEXT
    reals: tuple[str, ...] = layout.REALS


ARGUMENTS = 2 + len(_Names._fields)  # of a kernel: θ and memory, which have no names, and these


def operands(
    *names: str,
    constants: tuple[str, ...] = (),
    context: tuple[str, ...] = layout.CONTEXT,
    reals: tuple[str, ...] = layout.REALS,
) -> Callable[[Kernel], Kernel]:
    """Return a decorator that declares what a kernel reads.

    Parameters
    ----------
    *names : str
        Of whole numbers, such as sizes, and places in θ and in memory: attributes of ``at``.
    constants : tuple of str
        Of real numbers: attributes of ``constants``.
    context, reals : tuple of str
        Of what is read and written: attributes of the arguments of these names.
    """

    def declared(kernel: Kernel) -> Kernel:
        """Leave the kernel as it is, and note them with it."""
        vars(kernel)["names"] = _Names(names, constants, context, reals)
        return kernel

    return declared


def names_of(kernel: Kernel) -> _Names:
    """Return what a kernel declares; one that declares nothing has no operands."""
    found: _Names = vars(kernel).get("names", _Names())
    return found
