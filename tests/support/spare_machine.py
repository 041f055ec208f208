"""A machine to install things on: namespaces of this one, whose files are a copy that is thrown away.

The whole file system is the lower layer of an overlay in memory. Processes, ports and mounts are its own, and loopback
is its only network. So a test can create users, write to /etc and start servers at their usual ports. It needs root.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_ENTER = """
set -e
mount -t tmpfs -o mode=755 none {folder}
umask 022
mkdir {folder}/upper {folder}/work {folder}/root
mount -t overlay overlay -o lowerdir=/,upperdir={folder}/upper,workdir={folder}/work {folder}/root
mount -t tmpfs none {folder}/root/run
mount -t tmpfs -o mode=1777 none {folder}/root/tmp
for place in /proc /dev /sys {visible}; do
    mkdir -p {folder}/root$place
    # Users without rights find them, too, where they are in somebody's home. This changes only the copy.
    parent=$(dirname $place)
    until [ $parent = / ]; do chmod o+x {folder}/root$parent; parent=$(dirname $parent); done
    mount --rbind $place {folder}/root$place
done
ip link set lo up
exec chroot {folder}/root bash --norc
"""


def spare_machine(folder: Path, *, visible: Sequence[Path] = ()) -> list[str]:
    """Return the command of a shell on a spare machine; the test is skipped where this user cannot make one.

    Args:
        folder: an empty folder, where its files are mounted.
        visible: folders that it shares with this machine, because other file systems are not in the copy.
    """
    namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if os.geteuid() != 0 or subprocess.run([*namespaces, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a spare machine needs root and namespaces")
    shared = " ".join(str(path) for path in dict.fromkeys([ROOT, Path(sys.prefix), Path(sys.base_prefix), *visible]))
    return [*namespaces, "bash", "-c", _ENTER.format(folder=folder, visible=shared)]
