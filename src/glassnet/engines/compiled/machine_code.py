"""From a kernel written in Python to machine code as bytes, and from these to an address.

Numba writes the LLVM text. It is made into an object file that needs nothing of Python or
of Numba, so that a process that finds the file on disk loads it in a moment and without
Numba. All of that is done through what Numba and llvmlite publish.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import Any

import llvmlite.binding as llvm
from numba.core import config

from glassnet.engines.compiled.operands import ARGUMENTS, Kernel, names_of

__all__ = ["assembly", "load", "machine", "object_code"]

_NAME = "kernel"  # of the function in an object file
# of Numba, that change the code: NUMBA_BOUNDSCHECK, set for code of one's own, slows kernels
_CHANGING = "OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "LOOP_VECTORIZE", "SLP_VECTORIZE"
_PREFIX = "cfunc."  # before the name of the function proper, in the name of its callback
_settings: Any = config
_loaded: list[Any] = []  # to be dropped is to be unloaded
_number = itertools.count()  # in the name of a library, which cannot be used twice


def machine() -> str:
    """Return all but the sources that decides the code.

    That is the tools and what environment variables have set them to, and the processor.
    """
    tools = [f"{tool} {version(tool)}" for tool in ("numba", "llvmlite")]
    tools += [f"{name} {getattr(_settings, name, None)}" for name in _CHANGING]
    return "\n".join([*tools, llvm.get_process_triple(), *_processor().values()])


def object_code(kernel: Kernel, precision: str) -> bytes:
    """Return an object file whose one public function is the kernel."""
    code: bytes = _target().emit_object(_module(kernel, precision))
    return code


def assembly(kernel: Kernel, precision: str) -> str:
    """Return a kernel's machine code as text."""
    text: str = _target().emit_assembly(_module(kernel, precision))
    return text


def load(code: bytes) -> int:
    """Return the address of the kernel in an object file, which stays loaded.

    Raises
    ------
    RuntimeError
        If it calls what is not there.
    """
    library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
    library = library.export_symbol(_NAME).link(_linker(), f"{_NAME} {next(_number)}")
    _loaded.append(library)
    found: int = library[_NAME]
    return found


def _module(kernel: Kernel, precision: str) -> Any:
    """Return the kernel as an optimised LLVM module."""
    import numba

    # An error model like NumPy's lets division vectorise. Contraction alone, one instruction
    # for a multiplication and an addition, is all the liberty with arithmetic that is given.
    cfunc: Any = numba.cfunc
    options = {"error_model": "numpy", "fastmath": {"contract"}}
    with _as_written():
        callback = cfunc(_signature(kernel, precision), **options)(kernel)
    module = llvm.parse_assembly(_entry(callback.native_name.removeprefix(_PREFIX)))
    module.link_in(llvm.parse_assembly(callback.inspect_llvm()))
    for function in module.functions:
        if not function.is_declaration and function.name != _NAME:
            function.linkage = "internal"  # and so gone, if it is inlined or not called
    # Loops that are simple already come out better of the second. The first must not be
    # told to leave them as they are: it would mark them so, for the second as well.
    for level in (1, 3):
        settings = llvm.create_pipeline_tuning_options(speed_level=level)
        settings.loop_vectorization = settings.slp_vectorization = True
        passes = llvm.create_pass_builder(_target(), settings)
        passes.getModulePassManager().run(module, passes)
    return module


@contextmanager
def _as_written() -> Iterator[None]:
    """Let Numba leave out its own optimisation, which the one above would only repeat."""
    import numba
    from numba.core.compiler_lock import global_compiler_lock

    # what writes Numba's code for all others is made with the level of its first use
    assert numba.core.registry.cpu_target.target_context is not None
    with global_compiler_lock:  # and nobody else compiles meanwhile
        level = _settings.OPT
        _settings.OPT = type(level)(0)
        try:
            yield
        finally:
            _settings.OPT = level


def _signature(kernel: Kernel, precision: str) -> Any:
    """Return the signature of a kernel, at ``"float32"`` or ``"float64"``."""
    import numba

    from glassnet.engines.compiled import named

    types: Any = numba.types
    pointer: Any = named.Named
    real, kinds = types.CPointer(getattr(types, precision)), [types.int64, types.float64] * 2
    pairs = zip(kinds, names_of(kernel), strict=True)
    return types.void(real, real, *(pointer(kind, names) for kind, names in pairs))


def _entry(function: str) -> str:
    """Return LLVM text of a function that calls Numba's own and nothing of Python.

    Numba's function takes two places more, for a result and for an exception. A kernel
    gives no result and raises nothing; Numba's callback would print what it raised, for
    which it needs the interpreter. And a kernel owns no memory, so nobody counts its users.
    """
    given = ", ".join(f"ptr %x{i}" for i in range(ARGUMENTS))
    return f"""
declare i32 @"{function}"({", ".join(["ptr"] * (ARGUMENTS + 2))})
define void @{_NAME}({given}) {{
  %result = alloca ptr
  %exception = alloca ptr
  %status = call i32 @"{function}"(ptr %result, ptr %exception, {given})
  ret void
}}
define void @NRT_incref(ptr %memory) alwaysinline {{
  ret void
}}
define void @NRT_decref(ptr %memory) alwaysinline {{
  ret void
}}
"""


@cache
def _target() -> Any:
    """Return what writes code for the processor at hand, as Numba would have it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(opt=3, codemodel="jitdefault", jit=True, **_processor())


def _processor() -> dict[str, str]:
    """Return the processor at hand and what it can do.

    LLVM keeps to half of a vector's width where the whole one may slow the clock. These
    kernels do little but arithmetic on vectors, and gain more than they lose.
    """
    features = llvm.get_host_cpu_features().flatten()
    if "+avx512f" in features:
        features += ",-prefer-256-bit"
    return {"cpu": llvm.get_host_cpu_name(), "features": features}


@cache
def _linker() -> Any:
    return llvm.create_lljit_compiler(_target())
