"""The commit and the machine that figures were measured on."""

import os
import platform
import re
import subprocess
from pathlib import Path

from engines import ROOT


def commit() -> str:
    """Return the commit, with a mark if files differ from it."""
    said = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    return subprocess.run(said, capture_output=True, text=True, check=False).stdout.strip()


def machine() -> str:
    """Return the cores, the memory and the Python version."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    name = model[1] if model else platform.machine()
    return f"{os.cpu_count()} cores ({name}), {memory:.0f} GB, Python {platform.python_version()}"
