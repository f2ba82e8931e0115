"""Kernels of the compiled engine, and the small machine that runs them.

A plan becomes a `program`: a table of instructions, each the address of a kernel and the
places of its operands. The `loop` runs that table over epochs, batches and chunks of a
batch, in one call that Python does not take part in. Each kernel is compiled on its own,
once per precision, when a program first names it; so a fit compiles what it needs and no
more.

All kernels have one signature::

    kernel(theta, memory, at, constants, context, reals)

``theta`` holds the trained parameters; ``memory`` everything else: the gradient, the
optimizer's vectors, running statistics and the values of one chunk. ``at`` says where in
them the operands lie and how large they are, ``constants`` are the instruction's real numbers;
a kernel declares by name what it reads of either (`operands`). ``context`` (whole numbers) and
``reals`` hold the call, the data, and what changes from batch to batch (`layout`).

The values of a layer are laid out units × rows: the rows of a chunk lie side by side, and
every inner loop runs along them.

The words for parts of the work:

- a *chunk* is the rows of a batch that go through the network together;
- a *phase* is the instructions for one part of a step (`layout` lists them); it is cut into
  *stages*, one after the other, and a stage into *jobs*, which threads do side by side, each
  on a stretch of a layer's units or of θ;
- where a batch has several chunks, these are dealt out in *lanes*, runs of chunks with values
  and gradient of their own; fetching, forward and back, a lane is the job then. (The lanes
  in `vectors` are others: the numbers of one of the processor's vectors.)

To read it in order: `elementwise` (what a kernel looks like), `operands` and `layout` (its
names), `program`, `dense` and `builder` (how a plan becomes a table), `loop` (what runs it),
then `stages`, `team` and `run` (threads). `prediction_program` and `prediction` are the same
for prediction; `supported` says which plans there are kernels for. The formulas are in
`scalars` (with `mathematics`), `rowwise`, `norms`, `dropout` and `updates`; products of
matrices in `tiles`, `blas` and `sparse`. `batch` fetches rows, `gradients` has what is done to
a gradient before the update, `sums` adds up along rows and over them. `perceptron`
stands alone. The rest is beneath: `vectors`, `bits`, `atomic`, `denormals` and `named` teach
Numba what it lacks; `compilation`, `machine_code` and `storage` make machine code and keep it,
and `notice` tells whoever waits.
"""

from typing import Any

from numba.core import config

_settings: Any = config
if _settings.DISABLE_JIT:
    raise ImportError("NUMBA_DISABLE_JIT is set, and so nothing can be compiled")
