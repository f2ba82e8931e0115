"""How long a fresh process takes, from its start to its end, caches on disk being warm."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.environment import ROOT, for_threads
from benchmarks.measured import BUDGET, PATIENCE, Measured

__all__ = ["measure"]


def measure(peers: Sequence[str], file: Path, threads: int, repeats: int) -> list[Measured]:
    """Return what was found of each peer; the first run, which warms up, is kept apart."""
    found = [Measured(peer) for peer in peers]
    for turn in range(repeats + 1):
        for i in range(len(found)):
            one = found[(turn + i) % len(found)]
            if not one.absent and sum(one.seconds) < BUDGET:
                _run(one, file, threads)
                if turn == 0 and one.seconds:
                    one.first = one.seconds.pop()
    return found


def _run(one: Measured, file: Path, threads: int) -> None:
    """Let a fresh process do the work; where it cannot, note why and drop its figures."""
    command = [sys.executable, "-m", "benchmarks.once", one.peer, str(file), str(threads)]
    begin = time.perf_counter()
    try:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=for_threads(threads),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        one.seconds, one.absent = [], f"failed: no end within {PATIENCE:g} s"
        return
    seconds = time.perf_counter() - begin
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"]
        one.seconds, one.absent = [], said[-1]
        return
    one.seconds.append(seconds)
    told = json.loads(ended.stdout.splitlines()[-1])
    one.result, one.memory = told["result"], told["memory"]
