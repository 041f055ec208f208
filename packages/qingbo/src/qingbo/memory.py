"""How much memory a worker takes that it does not use."""

import ctypes

MOST_ARENAS = 2
"""Places that the C library gives out memory from, to so many threads at the same time; it would take 8 for each core.
The interpreter runs one thread at a time, and each arena keeps what its threads once had: 7 MB with 8 readers."""

_M_ARENA_MAX = -8  # mallopt(3)


def limit_arenas() -> bool:
    """Limit the arenas of this process, before it starts threads; return False where the C library has none."""
    library = ctypes.CDLL(None)
    return hasattr(library, "mallopt") and bool(library.mallopt(_M_ARENA_MAX, MOST_ARENAS))
