"""Detects commits to an SQLite database without a call to SQLite or to the system."""

import ctypes
import mmap
import os
import sys
from pathlib import Path
from typing import Protocol

HEADER_BYTES = 48
"""Size of the WAL index header (https://www.sqlite.org/walformat.html, 2.1)."""
FORMAT = (3_007_000).to_bytes(4, sys.byteorder)
"""Its first bytes; numbers are in the machine's byte order."""


class Header(Protocol):
    """A part of the memory that all connections to a database share."""

    @property
    def raw(self) -> bytes:
        """The current bytes."""


_mapped: dict[tuple[int, int], Header | None] = {}
"""By device and inode, until the process ends; None for a file that could not be mapped."""


def header_of(database: str) -> Header | None:
    """Return the header of the WAL index. Every commit changes it, whichever process makes it.

    `PRAGMA data_version` gives the same information, but releases the interpreter's lock twice. Waiting for the lock
    takes longer than everything else that serves a stored page.

    The file stays open until the process ends. Closing a file once releases all locks that the process has on it, also
    SQLite's (https://www.sqlite.org/howtocorrupt.html, 2.2). So use this only in a process that opens few databases.

    Args:
        database: the path of the database. This process must have it open and have read from it: only then does the
            file exist and stay.

    Returns:
        None if the database has no such file, or it cannot be mapped.
    """
    path = Path(f"{Path(database).resolve()}-shm")
    try:
        found = path.stat()
        key = (found.st_dev, found.st_ino)
        if key not in _mapped:
            if found.st_size < HEADER_BYTES:
                return None
            _mapped[key] = None  # stays if mapping fails: the file stays open, so it is not opened again
            _mapped[key] = _map(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except (OSError, AttributeError):  # no such file, or no such function
        return None
    header = _mapped[key]
    return header if header and header.raw.startswith(FORMAT) else None


def _map(descriptor: int) -> Header:
    """Map the first bytes of a file. `mmap.mmap` would close its copy of the descriptor when the interpreter exits."""
    function = ctypes.CDLL(None, use_errno=True).mmap
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    address = function(None, HEADER_BYTES, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    header: Header = (ctypes.c_char * HEADER_BYTES).from_address(address)
    return header
