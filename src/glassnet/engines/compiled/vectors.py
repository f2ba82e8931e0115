"""What is written in whole vectors of the processor, since a compiler does not find it.

A tile of a product stays in registers while all terms are added to it; sums along rows and
the exchange of rows and columns go by whole vectors as well. Where a row ends within a
vector, a mask leaves out the rest: nothing beyond it is read or written.

Processors without masks, such as those of ARM, go lane by lane there.

How to read it: the functions named ``write`` run once, while a kernel is compiled, and each
call of a builder, or of `_Vectors`, appends an instruction for LLVM. A Python loop in them
writes its body out as often as it goes round; a loop that is one in machine code too is a
``with`` block. What comes of it stands in Python in the docstring of each tile.
"""

from functools import cache

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = [
    "MOST_ROWS",
    "MOST_UNITS",
    "VECTOR_BYTES",
    "add_products",
    "dots",
    "transposed",
    "width",
]

_WORD, _PLACE = ir.IntType(64), ir.IntType(32)


def _features():
    llvm.initialize_native_target()
    return llvm.get_host_cpu_features()


# Bytes of a vector; units, and rows, of the largest tiles that the registers can hold. Of
# products 8 x 3 sums, 3 vectors of x and a factor take 28 of 32 registers, and 4 x 3 take 16
# of 16; of sums along rows 4 x 4 and 5 vectors take 21, and 3 x 4 and 4 take 16.
VECTOR_BYTES = 64 if _features().get("avx512f") else 32 if _features().get("avx2") else 16
_MANY = VECTOR_BYTES == 64 or llvm.get_process_triple().split("-")[0] in ("aarch64", "arm64")
MOST_UNITS, MOST_ROWS = (8, 4) if _MANY else (4, 3)  # of 32 registers, or of 16


class _Vectors:
    """Writes instructions on vectors of one type of number."""

    def __init__(self, context, builder, real):
        self.builder, self.size = builder, real.bitwidth // 8
        self.number = context.get_value_type(real)
        self.lanes = VECTOR_BYTES // self.size
        self.kind = ir.VectorType(self.number, self.lanes)
        self.name = f"v{self.lanes}f{real.bitwidth}"
        self.zero = ir.Constant(self.kind, [0.0] * self.lanes)

    def at(self, start, *moves):
        """Return the pointer that stands behind `start` by a sum of places."""
        for move in moves:
            start = self.builder.gep(start, [move])
        return start

    def apart(self, pointer):
        """Return a pointer that the compiler does not know to be a step behind another.

        It would go from one to the next, and each load would have to wait for that.
        """
        form = ir.FunctionType(pointer.type, [pointer.type])
        return self.builder.asm(form, "", "=r,0", [pointer], side_effect=False)

    def times(self, number, step):
        """Return the place of so many steps, for a number that is known."""
        return self.builder.mul(ir.Constant(_WORD, number), step)

    def load(self, pointer, mask=None):
        """Return the vector at a pointer, 0 where it is masked."""
        if mask is None:
            pointer = self.builder.bitcast(pointer, self.kind.as_pointer())
            return self.builder.load(pointer, align=self.size)
        given = [pointer, ir.Constant(_PLACE, self.size), mask, self.zero]
        return self._call(f"llvm.masked.load.{self.name}.p0", self.kind, given)

    def store(self, value, pointer, mask=None):
        """Write a vector, but for what is masked."""
        if mask is None:
            pointer = self.builder.bitcast(pointer, self.kind.as_pointer())
            self.builder.store(value, pointer, align=self.size)
            return
        given = [value, pointer, ir.Constant(_PLACE, self.size), mask]
        self._call(f"llvm.masked.store.{self.name}.p0", ir.VoidType(), given)

    def first(self, count):
        """Return the mask that keeps the first `count` lanes."""
        numbers = ir.Constant(ir.VectorType(_WORD, self.lanes), list(range(self.lanes)))
        return self.builder.icmp_signed("<", numbers, self.spread(count))

    def first_if(self, number, of, count):
        """Return that mask if `number` is below `of`, and the one of nothing if not."""
        there = self.builder.icmp_signed("<", ir.Constant(_WORD, number), of)
        return self.first(self.builder.select(there, count, ir.Constant(_WORD, 0)))

    def spread(self, value):
        """Return a vector with one number in all lanes."""
        kind = ir.VectorType(value.type, self.lanes)
        nothing = ir.Constant(kind, ir.Undefined)
        one = self.builder.insert_element(nothing, value, ir.Constant(_PLACE, 0))
        return self.mixed(one, nothing, [0] * self.lanes)

    def mixed(self, a, b, places):
        """Return the lanes of `a` and `b`, counted on from it, at some places."""
        chosen = ir.Constant(ir.VectorType(_PLACE, len(places)), places)
        return self.builder.shuffle_vector(a, b, chosen)

    def add_product(self, to, a, b):
        """Add ``a b`` to a variable, in one rounding where the processor can."""
        given = [a, b, self.builder.load(to)]
        self.builder.store(self._call(f"llvm.fmuladd.{self.name}", self.kind, given), to)

    def exchange(self, a, b, half):
        """Return what every other `half` of lanes of two vectors makes, and the rest.

        The first has the even halves of `a` where they are, and those of `b` behind them;
        the second the odd ones of `a`, moved up to the even places, and those of `b`. With
        four lanes, by halves of 1: ``a0 a1 a2 a3`` and ``b0 b1 b2 b3`` become ``a0 b0 a2 b2``
        and ``a1 b1 a3 b3``; by halves of 2: ``a0 a1 b0 b1`` and ``a2 a3 b2 b3``.
        """
        n, numbers = self.lanes, range(self.lanes)
        low = [n + k - half if k & half else k for k in numbers]
        high = [n + k if k & half else k + half for k in numbers]
        return self.mixed(a, b, low), self.mixed(a, b, high)

    def totals(self, vectors):
        """Return the sum of the lanes of each vector, a power of two of them at a time.

        Two vectors are made one, in which each has half of the lanes; and so on.
        """
        most = 1 << (len(vectors).bit_length() - 1)
        if most < len(vectors):
            return self.totals(vectors[:most]) + self.totals(vectors[most:])
        half, together = self.lanes // 2, vectors
        while half:
            middle = len(together) // 2
            a, b = (together[:middle], together[middle:]) if middle else (together, together)
            found = [self.exchange(*pair, half) for pair in zip(a, b, strict=True)]
            together = [self.builder.fadd(*one) for one in found]
            half //= 2
        count, step = len(together), max(1, self.lanes // len(vectors))
        return [
            self.builder.extract_element(
                together[i % count], ir.Constant(_PLACE, i // count * step)
            )
            for i in range(len(vectors))
        ]

    def variable(self):
        """Return a variable, which becomes a register."""
        return cgutils.alloca_once(self.builder, self.kind)

    def _call(self, name, kind, given, **options):
        form = ir.FunctionType(kind, [one.type for one in given])
        function = self.builder.module.globals.get(name)
        if function is None:
            function = ir.Function(self.builder.module, form, name)
        return self.builder.call(function, given, **options)


@intrinsic
def width(typingctx, pointer):
    """Return how many numbers of a pointer's type a vector has."""

    def codegen(context, builder, signature, args):
        return ir.Constant(_WORD, VECTOR_BYTES * 8 // pointer.dtype.bitwidth)

    return types.int64(pointer), codegen


def _written(given, write):
    """Return the signature of a function without a result, and what writes its code."""

    def codegen(context, builder, signature, args):
        write(_Vectors(context, builder, given[0].dtype), *args)
        return context.get_dummy_value()

    return types.void(*given), codegen


@cache
def add_products(units, vectors, masked):
    """Return a function that adds to a tile of a product all of its terms.

    It is ``(out, c, x, stride, by_unit, by_term, terms, adds, count)``, and makes
    ``out[j, i]``, or adds to it, the sum over k of ``c[j, k] x[k, i]``. Rows of `out` and
    `x` are `stride` apart; `c` has a step by unit and one by term. Each sum is made in the
    order of its terms, whatever the tile. A masked tile has `count` places. In Python, where
    all of `sums` stays in registers and the loops over j and i are written out::

        sums = out[:units, :places] if adds else zeros((units, places))
        for k in range(terms):
            for j in range(units):
                for i in range(places):  # by whole vectors, which are `vectors`
                    sums[j, i] += c[j * by_unit + k * by_term] * x[k * stride + i]
        out[:units, :places] = sums
    """

    def write(to, out, c, x, stride, by_unit, by_term, terms, adds, count):
        """Start with zeros or with what is there, add term by term, write all."""
        builder, mask = to.builder, to.first(count) if masked else None
        places = [ir.Constant(_WORD, v * to.lanes) for v in range(vectors)]
        every = [(j, v) for j in range(units) for v in range(vectors)]
        ends = {(j, v): to.at(out, to.times(j, stride), places[v]) for j, v in every}
        sums = {one: to.variable() for one in every}
        firsts = [to.apart(to.at(c, to.times(j, by_unit))) for j in range(units)]
        with builder.if_else(cgutils.is_not_null(builder, adds)) as (further, anew):
            with further:
                for one in every:
                    builder.store(to.load(ends[one], mask), sums[one])
            with anew:
                for one in every:
                    builder.store(to.zero, sums[one])
        with cgutils.for_range(builder, terms) as loop:
            row = to.at(x, builder.mul(loop.index, stride))
            read = [to.load(to.at(row, place), mask) for place in places]
            term = builder.mul(loop.index, by_term)
            factors = (to.spread(builder.load(to.at(first, term))) for first in firsts)
            for j, factor in enumerate(factors):
                for v in range(vectors):
                    to.add_product(sums[j, v], factor, read[v])
        for one in every:
            to.store(builder.load(sums[one]), ends[one], mask)

    @intrinsic
    def tile(typingctx, out, c, x, stride, by_unit, by_term, terms, adds, count):
        return _written((out, c, x, stride, by_unit, by_term, terms, adds, count), write)

    return tile


@cache
def dots(rows, others):
    """Return a function that adds up the products of some rows with some others.

    It is ``(out, y, x, count, by_row, adds)``: ``out[i * by_row + j]`` becomes, or has
    added, the sum over k of ``x[i * count + k] y[j * count + k]``. In Python, with a vector's
    lanes as the last axis of `sums`::

        sums = zeros((rows, others, lanes))
        for k in range(0, count, lanes):
            for j in range(others):
                for i in range(rows):
                    of_x = x[i * count + k : i * count + k + lanes]
                    of_y = y[j * count + k : j * count + k + lanes]
                    sums[i, j] += of_x * of_y
        total = sums.sum(axis=2)
        out[i * by_row + j] = total[i, j] + (out[i * by_row + j] if adds else 0)
    """

    def write(to, out, y, x, count, by_row, adds):
        """Add up by vectors, and then the lanes of all sums together."""
        builder, wide = to.builder, ir.Constant(_WORD, to.lanes)
        every = [(i, j) for i in range(rows) for j in range(others)]
        sums = {one: to.variable() for one in every}
        for one in every:
            builder.store(to.zero, sums[one])

        def add(place, mask=None):
            of_x = [to.load(to.at(x, to.times(i, count), place), mask) for i in range(rows)]
            for j in range(others):  # one register is enough for all of them
                of_y = to.load(to.at(y, to.times(j, count), place), mask)
                for i in range(rows):
                    to.add_product(sums[i, j], of_x[i], of_y)

        whole = builder.sdiv(count, wide)
        with cgutils.for_range(builder, whole) as loop:
            add(builder.mul(loop.index, wide))
        place = builder.mul(whole, wide)
        with builder.if_then(builder.icmp_signed("<", place, count)):
            add(place, to.first(builder.sub(count, place)))
        totals = to.totals([builder.load(sums[one]) for one in every])
        for (i, j), found in zip(every, totals, strict=True):
            end = to.at(out, to.times(i, by_row), ir.Constant(_WORD, j))
            zero = ir.Constant(to.number, 0.0)
            further = cgutils.is_not_null(builder, adds)
            before = builder.select(further, builder.load(end), zero)
            builder.store(builder.fadd(before, found), end)

    @intrinsic
    def tile(typingctx, out, y, x, count, by_row, adds):
        return _written((out, y, x, count, by_row, adds), write)

    return tile


@cache
def transposed(masked):
    """Return a function that writes the columns of a square as rows.

    It is ``(x, stride, out, out_stride, rows, columns)``; the square has a vector's length,
    and a masked one as many rows and columns as are said, if those are fewer. In Python::

        for i in range(rows):
            for j in range(columns):
                out[j * out_stride + i] = x[i * stride + j]
    """

    def write(to, x, stride, out, out_stride, rows, columns):
        """Load all rows; halves, then quarters ... change places between pairs of them."""
        numbers, half = range(to.lanes), to.lanes // 2

        def place(start, number, step, of, length):
            at = to.at(start, to.times(number, step))
            return (at, to.first_if(number, of, length)) if masked else (at,)

        read = [to.load(*place(x, i, stride, rows, columns)) for i in numbers]
        while half:
            for i in (i for i in numbers if not i & half):
                read[i], read[i + half] = to.exchange(read[i], read[i + half], half)
            half //= 2
        for j in numbers:
            to.store(read[j], *place(out, j, out_stride, columns, rows))

    @intrinsic
    def square(typingctx, x, stride, out, out_stride, rows, columns):
        return _written((x, stride, out, out_stride, rows, columns), write)

    return square
