"""Kernels of the compiled engine, and the small machine that runs them.

A plan becomes a `program`: a table of instructions, each the address of a kernel and the
places of its operands. The `loop` runs that table over epochs, batches and chunks of a
batch, in one call that Python does not take part in. Each kernel is compiled on its own,
once per precision, when a program first names it; so a fit compiles what it needs and no
more.

All kernels have one signature::

    kernel(theta, memory, at, numbers, context, reals)

``theta`` holds the trained parameters; ``memory`` everything else: the gradient, the
optimizer's vectors, running statistics and the values of one chunk. ``at`` says where in
them the operands lie and how large they are, ``numbers`` are the instruction's constants,
each by the name that the kernel declares (`operands`). ``context`` (whole numbers) and
``reals`` hold the call, the data, and what changes from batch to batch (`layout`).

The values of a layer are laid out units × rows: the rows of a chunk lie side by side, and
every inner loop runs along them.
"""

from typing import Any

from numba.core import config

_settings: Any = config
if _settings.DISABLE_JIT:
    raise ImportError("NUMBA_DISABLE_JIT is set, and so nothing can be compiled")
