"""What kernels need beneath arithmetic: pointers, calls by address, the bits of a number."""

from llvmlite import ir
from numba import carray, types
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable

# Of arithmetic that loops call: only what is inlined can be vectorised with them.
scalar = register_jitable(forceinline=True)

_PLACES = {types.float32: (32, 23, 127), types.float64: (64, 52, 1023)}


@intrinsic
def call(typingctx, address, *arguments):
    """Call the kernel at an address; returns nothing."""

    def codegen(context, builder, signature, args):
        given = cgutils.unpack_tuple(builder, args[1])
        kind = ir.FunctionType(ir.VoidType(), [one.type for one in given])
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), given)
        return context.get_dummy_value()

    return types.void(address, types.StarArgTuple(arguments)), codegen


@intrinsic
def pointer(typingctx, address, precision):
    """Return an address as a pointer to numbers of a type such as ``np.float32``."""
    target = types.CPointer(precision.dtype)

    def codegen(context, builder, signature, args):
        return builder.inttoptr(args[0], context.get_value_type(target))

    return target(address, precision), codegen


@intrinsic
def advanced(typingctx, start, count):
    """Return a pointer that stands `count` numbers behind `start`."""

    def codegen(context, builder, signature, args):
        return builder.gep(args[0], [args[1]])

    return start(start, types.intp), codegen


@intrinsic
def to_exponent(typingctx, x):
    """Return the number whose bits are those of `x`, moved up to where exponents stand."""
    width, places, _ = _PLACES[x]

    def codegen(context, builder, signature, args):
        word = ir.IntType(width)
        moved = builder.shl(builder.bitcast(args[0], word), ir.Constant(word, places))
        return builder.bitcast(moved, args[0].type)

    return x(x), codegen


@intrinsic
def exponent(typingctx, x):
    """Return the exponent of a normal number above 0, as a real number."""
    width, places, bias = _PLACES[x]

    def codegen(context, builder, signature, args):
        word = ir.IntType(width)
        moved = builder.lshr(builder.bitcast(args[0], word), ir.Constant(word, places))
        # 32 bits are enough, and more would not be turned into a real number in one step
        small = builder.trunc(moved, ir.IntType(32)) if width > 32 else moved
        return builder.sitofp(builder.sub(small, ir.Constant(small.type, bias)), args[0].type)

    return x(x), codegen


@register_jitable
def span(memory, start, size):
    """Return `size` numbers of a pointer from place `start` on, as an array."""
    return carray(advanced(memory, start), (size,))


# Loops, because Numba's assignment to a slice takes seconds to compile.


@register_jitable
def fill(out, value):
    """Set all of `out`."""
    for i in range(out.size):
        out[i] = value


@register_jitable
def copy(source, out):
    """Copy `source` to `out`."""
    for i in range(out.size):
        out[i] = source[i]
