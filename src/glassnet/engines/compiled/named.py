"""A pointer to numbers that have names: how machine code reads ``at`` and ``numbers``."""

from llvmlite import ir
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import lower_getattr_generic, models, register_model, types

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
class _Names(AttributeTemplate):
    """The names are attributes."""

    key = Named

    def generic_resolve(self, pointer, name):
        """Return the type of one of the numbers."""
        return pointer.dtype if name in pointer.names else None


@lower_getattr_generic(Named)
def _read(context, builder, pointer, start, name):
    """Load the number of that name."""
    place = ir.Constant(ir.IntType(64), pointer.names.index(name))
    return builder.load(builder.gep(start, [place]))
