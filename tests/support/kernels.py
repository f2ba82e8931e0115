"""Running one kernel of the compiled engine on an array, for the tests that judge it."""

import numpy as np

from glassnet.engines.compiled import layout
from glassnet.engines.compiled.compilation import function


def run(kernel, memory, at, numbers=(), rows=0, theta=None, adding=0):
    """Run `kernel` on `memory`, in place; return what it left in `reals`."""
    context = layout.Numbers(layout.CONTEXT, np.int64)
    reals = layout.Numbers(layout.REALS, np.float64)
    context["rows"] = context["size"] = rows
    context["key"], context["adding"] = layout.NO_KEY, adding
    theta = np.zeros(1, memory.dtype) if theta is None else theta
    places, constants = np.zeros(layout.OPERANDS, np.int64), np.zeros(layout.CONSTANTS)
    places[: len(at)], constants[: len(numbers)] = at, numbers
    arrays = theta, memory, places, constants, context.array, reals.array
    call = function(kernel, memory.dtype.name)
    call(*(array.ctypes.data for array in arrays))
    return reals


def mapped(kernel, *inputs, numbers=(), outputs=1):
    """Return what an element-wise kernel makes of arrays of one length."""
    n, dtype = len(inputs[0]), inputs[0].dtype
    memory = np.concatenate([*inputs, np.zeros(outputs * n, dtype)])
    run(kernel, memory, [1, *(i * n for i in range(len(inputs) + outputs))], numbers, rows=n)
    return memory[len(inputs) * n :]
