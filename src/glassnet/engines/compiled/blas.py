"""Fully connected layers of large networks: matrix products through BLAS.

SciPy hands out the address of the BLAS function; a program carries it in ``at``.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic, register_jitable

from glassnet.engines.compiled.bits import advanced, fill, span
from glassnet.engines.compiled.gradients import write_or_add
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import total

__all__ = ["affine", "backward", "bias_backward", "forward", "gemm"]


def gemm(precision: str) -> int:
    """Return the address of BLAS's product of matrices."""
    name = {"float32": "sgemm", "float64": "dgemm"}[precision]
    return int(get_cython_function_address("scipy.linalg.cython_blas", name))


@intrinsic
def _gemm(typingctx, address, across_a, across_b, m, n, k, a, lda, b, ldb, beta, c, ldc):
    """Call BLAS's ``gemm`` (columns first): ``c = op(a) op(b) + beta c``."""
    real = a.dtype

    def codegen(context, builder, signature, args):
        """Put the sizes where BLAS, which takes addresses only, can read them."""
        whole, letter = ir.IntType(32), ir.IntType(8)
        address, across_a, across_b, m, n, k, a, lda, b, ldb, beta, c, ldc = args

        def stored(value):
            return cgutils.alloca_once_value(builder, value)

        def transposed(flag):
            yes, no = ir.Constant(letter, ord("T")), ir.Constant(letter, ord("N"))
            return stored(
                builder.select(builder.icmp_signed("!=", flag, flag.type(0)), yes, no)
            )

        def size(value):
            return stored(builder.trunc(value, whole))

        one = stored(context.get_constant(real, 1.0))
        given = [transposed(across_a), transposed(across_b), size(m), size(n), size(k), one]
        given += [a, size(lda), b, size(ldb), stored(beta), c, size(ldc)]
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in given])
        builder.call(builder.inttoptr(address, kind.as_pointer()), given)
        return context.get_dummy_value()

    whole = types.int64
    sizes = (whole, whole, whole, whole, whole, whole)
    return types.void(*sizes, a, whole, b, whole, real, c, whole), codegen


@register_jitable
def _times(address, across_a, across_b, m, n, k, a, lda, b, ldb, beta, c):
    """Write ``op(a) op(b) + beta c`` into `c`, m × n, rows first: BLAS's transposed."""
    _gemm(address, across_b, across_a, n, m, k, b, ldb, a, lda, beta, c, n)


@register_jitable
def affine(gemm, b, W, W_step, a, by_row, a_step, units_in, z, n):
    """Write ``a W + b`` into `z`, a row of the chunk for each of b's units.

    The rows of W are `W_step` apart, those of `a` `a_step`; `a` lies row by row, or unit by
    unit.
    """
    for j in range(b.size):
        fill(span(z, j * n, n), b[j])
    _times(gemm, 1, by_row, b.size, n, units_in, W, W_step, a, a_step, b.dtype.type(1), z)


@register_jitable
def _lie(a_step, n):
    """Return whether values lie row by row, and how far their rows, or units, are apart."""
    return (1, a_step) if a_step else (0, n)


@operands("units_in", "units", "W", "b", "a", "z", "gemm", "W_step", "a_step")
def forward(theta, memory, at, constants, context, reals):
    """Compute ``z = a W + b``, for a stretch of the layer's units: W has `W_step` in a row.

    The rows of `a` are `a_step` apart; 0 says that it lies unit by unit.
    """
    n, units_in = context.rows, at.units_in
    b, W = span(theta, at.b, at.units), advanced(theta, at.W)
    a, z = advanced(memory, at.a), advanced(memory, at.z)
    by_row, a_step = _lie(at.a_step, n)
    affine(at.gemm, b, W, at.W_step, a, by_row, a_step, units_in, z, n)


@operands("units", "gradient", "delta")
def bias_backward(theta, memory, at, constants, context, reals):
    """Compute the gradient of b."""
    n = context.rows
    gradient = span(memory, at.gradient, at.units)
    for j in range(at.units):
        write_or_add(gradient, j, total(span(memory, at.delta + j * n, n)), context)


@operands("units_in", "units", "W", "gradient", "a", "delta", "input_delta", "gemm", "a_step")
def backward(theta, memory, at, constants, context, reals):
    """Compute the gradient of W and that by the input, for a stretch of the units in.

    Where nobody asks for the latter, `input_delta` is -1. `a_step` is that of `forward`.
    """
    n, units_in, units = context.rows, at.units_in, at.units
    T = span(memory, at.gradient, 1).dtype.type
    W, a, delta = advanced(theta, at.W), advanced(memory, at.a), advanced(memory, at.delta)
    W_gradient = advanced(memory, at.gradient)
    by_row, a_step = _lie(at.a_step, n)
    beta = T(0 if context.adding == 0 else 1)
    _times(at.gemm, by_row, 1, units_in, units, n, a, a_step, delta, n, beta, W_gradient)
    if at.input_delta >= 0:
        out = advanced(memory, at.input_delta)
        _times(at.gemm, 0, 0, units_in, n, units, W, units, delta, n, T(0), out)
