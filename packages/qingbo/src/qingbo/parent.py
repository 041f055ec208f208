"""A worker that ends with the `qingbo serve` that started it, however that one ends."""

import ctypes
import os
import signal
import sys

PARENT_VARIABLE = "QINGBO_SERVED_BY"
"""The process number of `qingbo serve`, for its worker."""

_PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent() -> None:
    """Ask Linux to stop this process when its parent dies, where that is `qingbo serve`.

    A worker left behind by a killed parent would keep the port and go on answering.
    """
    if os.environ.get(PARENT_VARIABLE) == str(os.getppid()) and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
