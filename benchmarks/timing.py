"""Peers in processes of their own, taking turns."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import start
from benchmarks.cases import ALL, OPERATIONS, Case
from benchmarks.environment import ROOT, cores, for_threads
from benchmarks.measured import BUDGET, PATIENCE, Measured
from benchmarks.tasks import build, save

__all__ = ["measure", "measure_alone"]

_FAREWELL = 30.0  # seconds that a process has for ending
_PAUSE = 0.05  # seconds in which the threads of whoever worked last go to sleep


class _Worker:
    """The process of one peer, and what was found of it."""

    def __init__(self, peer: str, file: Path, threads: int, calls: int) -> None:
        self.found, self.calls = Measured(peer), calls
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", peer, str(file), str(threads)],
            cwd=ROOT,
            env=for_threads(threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.noise: list[str] = []
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        self._take(self._answer())

    def _listen(self) -> None:
        assert self.process.stderr
        with self.process.stderr as lines:
            self.noise.extend(lines)

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        alarm = threading.Timer(PATIENCE, self._give_up)
        alarm.start()
        line = self.process.stdout.readline()
        alarm.cancel()
        if line:
            return dict(json.loads(line))
        self.listener.join(1)  # for the last words
        return {"absent": "failed: " + "".join(self.noise[-1:]).strip()}

    def _give_up(self) -> None:
        self.noise.append(f"no answer within {PATIENCE:g} s")
        self.process.kill()

    def _take(self, told: dict[str, Any]) -> None:
        for name, value in told.items():
            setattr(self.found, name, value)
        if self.found.absent:
            self.found.seconds.clear()  # some rounds of one that failed are no figures

    def ask(self, what: str) -> dict[str, Any]:
        """Return the answer to a line."""
        assert self.process.stdin
        try:
            self.process.stdin.write(what + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and the answer says so
        return self._answer()

    def work(self, *, first: bool = False) -> None:
        """Let it work once and note what it took."""
        if self.found.absent:
            return
        told = self.ask("work")
        seconds = told.pop("seconds", None)
        if first and seconds is not None:
            self.found.first = seconds
        elif seconds is not None:
            self.found.seconds.append(seconds)
        self._take(told)

    def close(self) -> None:
        """Ask for the result and end the process."""
        if not self.found.absent:
            self._take(self.ask("result"))
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        try:
            self.process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.listener.join(1)


def measure(case: Case, threads: int | str, repeats: int) -> list[Measured]:
    """Return what was found of each peer, in their order.

    Each gets a process, a first call that is kept apart, and one that warms up; then all
    take turns, each time in another order.
    """
    count = cores() if threads == ALL else int(threads)
    peers = [peer for peer in case.peers if count == 1 or peer != OPERATIONS]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "task.npz"
        save(build(case), file)
        if case.kind == "start":
            return start.measure(peers, file, count, repeats)
        workers = [_Worker(peer, file, count, case.calls) for peer in peers]
        try:
            _take_turns(workers, repeats)
        finally:
            for worker in workers:
                worker.close()
    return [worker.found for worker in workers]


def _take_turns(workers: Sequence[_Worker], repeats: int) -> None:
    for worker in workers:
        worker.work(first=True)
        if worker.found.first < BUDGET / 4:
            worker.work()  # to warm up
            worker.found.seconds.clear()
    for turn in range(repeats):
        for i in range(len(workers)):
            worker = workers[(turn + i) % len(workers)]
            if sum(worker.found.seconds) * worker.calls < BUDGET:
                time.sleep(_PAUSE)
                worker.work()


def measure_alone(peer: str, case: Case, threads: int, repeats: int) -> tuple[Measured, float]:
    """Return what was found of one peer, and the size of the data in MB."""
    task = build(case)
    alone = dataclasses.replace(case, peers=(peer,))
    data = sum(array.nbytes for array in (task.X, task.y, task.order)) / 1e6
    del task
    return measure(alone, threads, repeats)[0], data
