"""Limits the unused memory of a worker."""

import ctypes

MOST_ARENAS = 2
"""Maximum number of malloc arenas; the C library's default is 8 per core. The interpreter runs one thread at a time,
and each arena keeps the memory that its threads once used: 7 MB with 8 readers."""

_M_ARENA_MAX = -8  # mallopt(3)


def limit_arenas() -> bool:
    """Limit the arenas of this process, before it starts threads; return False if the C library cannot."""
    library = ctypes.CDLL(None)
    return hasattr(library, "mallopt") and bool(library.mallopt(_M_ARENA_MAX, MOST_ARENAS))
