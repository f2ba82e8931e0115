"""A pointer to numbers that have names: what kernels read and write, as Numba sees it."""

from llvmlite import ir
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import (
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    register_model,
    types,
)

__all__ = ["Named"]


class Named(types.CPointer):
    """Numba's type of a pointer to numbers, the first of which are attributes of it."""

    def __init__(self, dtype, names):
        self.names = names
        super().__init__(dtype)

    @property
    def key(self):
        """What makes one of these types another."""
        return self.dtype, self.names


register_model(Named)(models.PointerModel)


@infer_getattr
class _Attributes(AttributeTemplate):
    """The names are attributes."""

    key = Named

    def generic_resolve(self, kind, name):
        """Return the type of one of the numbers."""
        return kind.dtype if name in kind.names else None


def _place(builder, kind, pointer, name):
    """Return the address of the number of that name."""
    return builder.gep(pointer, [ir.Constant(ir.IntType(64), kind.names.index(name))])


@lower_getattr_generic(Named)
def _read(context, builder, kind, pointer, name):
    """Load the number of that name."""
    return builder.load(_place(builder, kind, pointer, name))


@lower_setattr_generic(Named)
def _write(context, builder, signature, args, name):
    """Store a number under that name."""
    kind, given = signature.args
    value = context.cast(builder, args[1], given, kind.dtype)
    builder.store(value, _place(builder, kind, args[0], name))
