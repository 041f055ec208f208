"""Why nothing was fetched. The text of each is a reason that can be shown.

::

    NotFetched
    ├── Refused     an address that is never asked, or an answer that is never taken
    └── Failed      it may work another time
"""


class NotFetched(Exception):
    """The root of what fetching raises."""


class Refused(NotFetched):
    """The address is never asked, or what it answers is never taken: to try again changes nothing."""


class Failed(NotFetched):
    """No answer, or one that may be another later."""
