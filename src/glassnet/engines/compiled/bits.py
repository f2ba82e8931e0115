"""What kernels need beneath arithmetic: pointers, calls by address, the bits of a number."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable
from numba.np.arrayobj import make_array, populate_array

# Of arithmetic that loops call: only what is inlined can be vectorised with them.
scalar = register_jitable(forceinline=True)

_LONG = 9  # coefficients
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


@intrinsic
def span(typingctx, memory, start, size):
    """Return `size` numbers of a pointer from place `start` on, as an array."""
    kind = types.Array(memory.dtype, 1, "C")

    def codegen(context, builder, signature, args):
        """Describe them; nothing is copied, and nobody is to free them."""
        pointer, start, size = args
        stride = context.get_constant(types.intp, memory.dtype.bitwidth // 8)
        array = make_array(kind)(context, builder)
        data = builder.gep(pointer, [start])
        populate_array(array, data, [size], [stride], stride, meminfo=None)
        return array._getvalue()

    return kind(memory, types.intp, types.intp), codegen


@intrinsic
def prefetch(typingctx, pointer, place):
    """Ask for the number at a place to be in the cache soon; nothing waits for it."""

    def codegen(context, builder, signature, args):
        """Ask for it to be near all caches, and to be read."""
        word = ir.IntType(32)
        at = builder.gep(args[0], [args[1]])
        form = ir.FunctionType(ir.VoidType(), [at.type, word, word, word])
        function = cgutils.get_or_insert_function(builder.module, form, "llvm.prefetch.p0")
        read, near, of_data = word(0), word(3), word(1)
        builder.call(function, [at, read, near, of_data])
        return context.get_dummy_value()

    return types.void(pointer, types.intp), codegen


def constant(by_bits):
    """Return a function of x: the number of `by_bits` in the precision of x, for kernels."""

    @intrinsic
    def value(typingctx, x):
        def codegen(context, builder, signature, args):
            return ir.Constant(args[0].type, by_bits[x.bitwidth])

        return x(x), codegen

    return value


def _horner(builder, coefficients, x):
    found, *others = coefficients
    for coefficient in others:
        found = builder.fadd(builder.fmul(found, x), coefficient)
    return found


def polynomial(by_bits):
    """Return a function of x: the polynomial with these coefficients, highest power first.

    It is written out, for a loop over many coefficients would stay one and not vectorise.
    A long one is two, of the even and of the odd powers, that need not wait for each other.
    """

    @intrinsic
    def value(typingctx, x):
        """Return the type, and what writes the multiplications and additions."""

        def codegen(context, builder, signature, args):
            """Write them."""
            all_of_them = [ir.Constant(args[0].type, c) for c in by_bits[x.bitwidth]]
            if len(all_of_them) < _LONG:
                return _horner(builder, all_of_them, args[0])
            square = builder.fmul(args[0], args[0])
            even = _horner(builder, all_of_them[-1::-2][::-1], square)
            odd = _horner(builder, all_of_them[-2::-2][::-1], square)
            return builder.fadd(builder.fmul(odd, args[0]), even)

        return x(x), codegen

    return value


@scalar
def weighted(share, x):
    """Return ``share * x``, and 0 where `share` is 0, even for an infinite `x`."""
    return share * (x if share != type(x)(0) else type(x)(0))


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
