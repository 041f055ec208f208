"""Why nothing was fetched. The messages can be shown to people.

::

    NotFetched
        ├── Refused     an address or answer that is never allowed
        └── Failed      may work another time
"""


class NotFetched(Exception):
    """The base class of fetching's exceptions."""


class Refused(NotFetched):
    """The address or its answer is never allowed; trying again changes nothing."""


class Failed(NotFetched):
    """No usable answer, but trying again later may work."""
