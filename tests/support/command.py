"""The command line, run as a user runs it."""

import subprocess
import sys


def glassnet(*args, cwd=None):
    return subprocess.run(
        [sys.executable, "-c", "from glassnet.cli import main; main()", *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )
