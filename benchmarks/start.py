"""How long a fresh process takes, from its start to its end, caches on disk being warm."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.environment import ROOT, for_threads
from benchmarks.measured import Measured

__all__ = ["measure"]


def measure(peers: Sequence[str], file: Path, threads: int, repeats: int) -> list[Measured]:
    """Return what was found of each peer; the first run, which warms up, is kept apart."""
    found = [Measured(peer) for peer in peers]
    for turn in range(repeats + 1):
        for i in range(len(found)):
            _run(found[(turn + i) % len(found)], file, threads)
    for one in found:
        one.first, *one.seconds = one.seconds or [one.first]
    return found


def _run(one: Measured, file: Path, threads: int) -> None:
    if one.absent:
        return
    command = [sys.executable, "-m", "benchmarks.once", one.peer, str(file), str(threads)]
    begin = time.perf_counter()
    ended = subprocess.run(
        command, cwd=ROOT, env=for_threads(threads), capture_output=True, text=True
    )
    seconds = time.perf_counter() - begin
    if ended.returncode:
        one.absent = ended.stderr.strip().splitlines()[-1]
        return
    one.seconds.append(seconds)
    told = json.loads(ended.stdout.splitlines()[-1])
    one.result, one.memory = told["result"], told["memory"]
