"""Numbers below the normal ones count as 0 while machine code runs.

Arithmetic with them is up to two hundred times slower, and a gradient that vanishes is made
of them: a network that does not learn would hardly move on. Sample weights below the normal
numbers count as 0 as well.
"""

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["as_before", "tiny_are_zero"]

# The bits that have a processor do so, for operands and for results; on others than these
# tiny numbers stay as they are.
_TINY_ARE_ZERO = {"x86_64": 0x8040, "aarch64": 1 << 24, "arm64": 1 << 24}
_PROCESSOR = llvm.get_process_triple().split("-")[0]


def _call(builder, name, result, *given):
    kind = ir.FunctionType(result, [one.type for one in given])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    return builder.call(function, given)


def _read(builder):
    """Return the register that says how this thread's arithmetic is done."""
    if _PROCESSOR != "x86_64":
        return _call(builder, "llvm.aarch64.get.fpcr", ir.IntType(64))
    place = cgutils.alloca_once(builder, ir.IntType(32))
    _call(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), place)
    return builder.zext(builder.load(place), ir.IntType(64))


def _write(builder, value):
    if _PROCESSOR != "x86_64":
        _call(builder, "llvm.aarch64.set.fpcr", ir.VoidType(), value)
        return
    place = cgutils.alloca_once_value(builder, builder.trunc(value, ir.IntType(32)))
    _call(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), place)


@intrinsic
def tiny_are_zero(typingctx):
    """Take numbers below the normal ones for 0 from here on; return how it was before."""

    def codegen(context, builder, signature, args):
        """Read the register, and write it."""
        if _PROCESSOR not in _TINY_ARE_ZERO:
            return ir.Constant(ir.IntType(64), 0)
        before = _read(builder)
        bits = ir.Constant(before.type, _TINY_ARE_ZERO[_PROCESSOR])
        _write(builder, builder.or_(before, bits))
        return before

    return types.int64(), codegen


@intrinsic
def as_before(typingctx, before):
    """Put back what `tiny_are_zero` has returned."""

    def codegen(context, builder, signature, args):
        if _PROCESSOR in _TINY_ARE_ZERO:
            _write(builder, args[0])
        return context.get_dummy_value()

    return types.void(types.int64), codegen
