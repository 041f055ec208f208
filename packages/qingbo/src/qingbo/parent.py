"""Ends a worker when its `qingbo serve` ends, however that happens."""

import ctypes
import os
import signal
import sys

PARENT_VARIABLE = "QINGBO_SERVED_BY"
"""Environment variable with the process id of `qingbo serve`, for its workers."""

_PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent() -> None:
    """Ask Linux to terminate this process when its parent dies, if the parent is `qingbo serve`.

    Otherwise a worker of a killed parent would keep the port and go on answering.
    """
    if os.environ.get(PARENT_VARIABLE) == str(os.getppid()) and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
