"""Kernels as machine code: their names, what they are made of, what they need."""

import inspect
import types

import pytest

pytest.importorskip("numba")

import numba

from glassnet.engines.compiled import (
    batch,
    blas,
    compilation,
    dropout,
    elementwise,
    gradients,
    loop,
    machine_code,
    norms,
    prediction,
    rowwise,
    scalars,
    sparse,
    team,
    tiles,
    updates,
)

from support import compiling

ARGUMENTS = ["theta", "memory", "at", "constants", "context", "reals"]


def every_kernel():
    for name in scalars.ACTIVATIONS:
        yield elementwise.activation_forward(name)
        yield elementwise.activation_backward(name)
    yield from map(elementwise.loss, scalars.LOSSES)
    yield from (kernel for pair in rowwise.ACTIVATIONS.values() for kernel in pair)
    yield from updates.KERNELS.values()
    yield rowwise.LOSSES["categorical_cross_entropy"]
    modules = batch, blas, tiles, dropout, gradients, loop, norms, prediction, sparse, team
    for found in (getattr(module, name) for module in modules for name in module.__all__):
        function = getattr(found, "py_func", found)
        if callable(function) and list(inspect.signature(function).parameters) == ARGUMENTS:
            yield found


def test_no_two_kernels_have_one_name():
    kernels = set(every_kernel())
    assert len({compilation.name_of(kernel) for kernel in kernels}) == len(kernels) > 70


def functions_behind(kernel, seen):
    """Add to `seen` the functions that a kernel calls, and those that they call."""
    function = getattr(kernel, "py_func", None) or getattr(kernel, "_defn", kernel)
    if not isinstance(function, types.FunctionType) or function in seen:
        return
    seen.add(function)
    for cell in function.__closure__ or ():
        functions_behind(cell.cell_contents, seen)
    for name in function.__code__.co_names:
        functions_behind(function.__globals__.get(name), seen)


def test_all_that_kernels_call_is_in_the_digest():
    seen = set()
    for kernel in every_kernel():
        functions_behind(kernel, seen)
    behind = {inspect.getfile(one) for one in seen if one.__module__.startswith("glassnet.")}
    assert behind <= {str(path) for path in compilation.source_files()}
    assert len(behind) > 10


def test_machine_code_needs_nothing_of_python_or_numba():
    compiling.trained()
    files = [path for place in compilation.storage().kept()[2] for path in place.glob("*.o")]
    assert len(files) > 8
    for file in files:
        code = file.read_bytes()
        assert not [word for word in (b"PyErr", b"NRT_", b"numba_") if word in code]


def no_kernel(theta, memory, at, numbers, context, reals):
    """Ask for what is not there."""
    theta.nothing()


def test_what_others_compile_is_optimised_as_before():
    before = numba.config.OPT
    machine_code.object_code(tiles.multiply, "float32")
    with pytest.raises(numba.TypingError, match="nothing"):
        machine_code.object_code(no_kernel, "float32")
    assert numba.config.OPT is before


def test_a_kernel_that_calls_what_is_not_there_is_an_error():
    llvm = machine_code.llvm
    text = (
        "declare void @nowhere()\ndefine void @kernel() {\n call void @nowhere()\n ret void\n}"
    )
    code = machine_code._target().emit_object(llvm.parse_assembly(text))
    with pytest.raises(RuntimeError, match="kernel"):
        machine_code.load(code)
