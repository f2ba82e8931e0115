"""Whole numbers that several threads read and write: each access is one indivisible act."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["add", "exchanged", "load", "store"]

_ORDER = "seq_cst"
_WORD = ir.IntType(64)


@intrinsic
def load(typingctx, numbers, place):
    """Return a number."""

    def codegen(context, builder, signature, args):
        return builder.load_atomic(builder.gep(args[0], [args[1]]), _ORDER, 8, typ=_WORD)

    return types.int64(numbers, types.intp), codegen


@intrinsic
def store(typingctx, numbers, place, value):
    """Write a number."""

    def codegen(context, builder, signature, args):
        builder.store_atomic(args[2], builder.gep(args[0], [args[1]]), _ORDER, 8)
        return context.get_dummy_value()

    return types.void(numbers, types.intp, types.int64), codegen


@intrinsic
def add(typingctx, numbers, place, value):
    """Add to a number; return what it was."""

    def codegen(context, builder, signature, args):
        return builder.atomic_rmw("add", builder.gep(args[0], [args[1]]), args[2], _ORDER)

    return types.int64(numbers, types.intp, types.int64), codegen


@intrinsic
def exchanged(typingctx, numbers, place, old, new):
    """Write `new` if the number is still `old`; return whether it was."""

    def codegen(context, builder, signature, args):
        where = builder.gep(args[0], [args[1]])
        found = builder.cmpxchg(where, args[2], args[3], _ORDER, _ORDER)
        return builder.extract_value(found, 1)

    return types.boolean(numbers, types.intp, types.int64, types.int64), codegen
