"""Settings of the whole suite."""

import os

from hypothesis import settings

# The same examples in every run: a first `make test` is no lottery.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

# Pictures are drawn where there is no display, and never wait for a window.
os.environ.setdefault("MPLBACKEND", "agg")

# Scripts, not tests: they need judges that may not be installed, or an environment of
# their own.
collect_ignore = ["data", "numpy_only.py"]
