"""Machine code for processors with narrower vectors than this one's, run on this one."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

import llvmlite.binding as llvm

HERE = Path(__file__).parent
# Bytes of a vector, and what the processor must not have for that.
OLDER = {32: ("avx512",), 16: ("avx", "fma", "f16c", "vaes", "vpclmulqdq", "xop")}
SCRIPT = """
import sys
import llvmlite.binding as llvm

features = llvm.get_host_cpu_features()
for name in features:
    features[name] = features[name] and not name.startswith(tuple(sys.argv[2].split()))
llvm.get_host_cpu_features = lambda: features

from glassnet.engines.compiled import tiles, machine_code, vectors

width = int(sys.argv[1])
assert vectors.VECTOR_BYTES == width
used = machine_code.assembly(tiles.multiply, "float32")
assert [name in used for name in ("%xmm", "%ymm", "%zmm")] == [True, width >= 32, False]

import pytest

options = ["-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow"]
raise SystemExit(pytest.main([*options, *sys.argv[3:]]))
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86 only")
@pytest.mark.parametrize("width", OLDER)
def test_numbers_are_the_same_by_other_vectors(width, tmp_path):
    able = llvm.get_host_cpu_features()
    if width == 32 and not able.get("avx2"):
        pytest.skip("this processor has no vectors of 32 bytes")
    tests = [HERE / "test_numba_dense.py", HERE / "test_broken_programs.py"]
    tests += [f"{HERE / 'test_numba_engine.py'}::test_large_products_and_several_chunks"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(width), " ".join(OLDER[width]), *map(str, tests)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
