"""Whether anybody has committed to an SQLite database, without a call to SQLite or to the system."""

import ctypes
import mmap
import os
import sys
from pathlib import Path
from typing import Protocol

HEADER_BYTES = 48
"""Of the header of the index of a write-ahead log (https://www.sqlite.org/walformat.html, 2.1)."""
FORMAT = (3_007_000).to_bytes(4, sys.byteorder)
"""How it begins; numbers are in the byte order of the machine."""


class Header(Protocol):
    """A part of the memory that all connections of a database share."""

    @property
    def raw(self) -> bytes:
        """The bytes that stand there now."""


_mapped: dict[tuple[int, int], Header | None] = {}
"""By device and number of the file, until the process ends; None for one that could not be mapped."""


def header_of(database: str) -> Header | None:
    """Return the header of the index of a write-ahead log: every commit changes it, whoever commits.

    `PRAGMA data_version` says the same, but lets another thread take the interpreter's lock twice, and to wait for that
    takes longer than all the rest of a stored page.

    The file stays open until the process ends. To close a file once takes away all locks that the process has on it,
    also those of SQLite (https://www.sqlite.org/howtocorrupt.html, 2.2); so this is only for a process that opens few
    databases.

    Args:
        database: the path of the database, which this process has open and has read from: only then the file is there,
            and stays.

    Returns:
        None where the database has no such file, or this machine cannot show it.
    """
    path = Path(f"{Path(database).resolve()}-shm")
    try:
        found = path.stat()
        key = (found.st_dev, found.st_ino)
        if key not in _mapped:
            if found.st_size < HEADER_BYTES:
                return None
            _mapped[key] = None  # one that cannot be mapped is not opened again: it stays open, too
            _mapped[key] = _map(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except (OSError, AttributeError):  # no such file; no such function
        return None
    header = _mapped[key]
    return header if header and header.raw.startswith(FORMAT) else None


def _map(descriptor: int) -> Header:
    """Map the first bytes of a file; `mmap.mmap` would close its copy of the descriptor at the interpreter's end."""
    function = ctypes.CDLL(None, use_errno=True).mmap
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    address = function(None, HEADER_BYTES, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    header: Header = (ctypes.c_char * HEADER_BYTES).from_address(address)
    return header
