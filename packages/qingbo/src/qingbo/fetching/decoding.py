"""Decompression of response bodies up to a limit; a larger body is refused without unpacking the rest."""

import zlib

from qingbo.fetching.errors import Failed, Refused

IDENTITY, GZIP, DEFLATE = "identity", "gzip", "deflate"
ACCEPTED = f"{GZIP}, {IDENTITY}"
"""The Accept-Encoding header. Some servers send deflate anyway."""

_NAMES = {"": IDENTITY, IDENTITY: IDENTITY, GZIP: GZIP, "x-gzip": GZIP, DEFLATE: DEFLATE}
_ANY_HEADER = 32 + zlib.MAX_WBITS
"""zlib detects gzip or zlib by the header."""


class Body:
    """A body that arrives in pieces."""

    def __init__(self, coding: str, most: int) -> None:
        """Create an empty body.

        Raises:
            Refused: if the coding is unknown, or there are several.
        """
        name = _NAMES.get(coding.strip().lower())
        if name is None:
            raise Refused("The answer is packed in a way that was not asked for.")
        self._unpacker = None if name == IDENTITY else zlib.decompressobj(_ANY_HEADER)
        self._may_be_raw = name == DEFLATE
        self._pieces: list[bytes] = []
        self._left = most

    def add(self, piece: bytes) -> None:
        """Add the next piece as it was received.

        Raises:
            Refused: if the body exceeds the limit.
            Failed: if it cannot be unpacked.
        """
        self._keep(self._unpacked(piece) if self._unpacker else piece)

    def finished(self) -> bytes:
        """Return the whole body.

        Raises:
            Failed: if it is incomplete.
        """
        if self._unpacker and self._pieces and not self._unpacker.eof:
            raise Failed("The answer breaks off.")
        return b"".join(self._pieces)

    def _unpacked(self, piece: bytes) -> bytes:
        unpacker = self._unpacker
        if unpacker is None or unpacker.eof:  # data after the end is ignored
            return b""
        try:
            # One byte beyond the limit shows that there is more; the rest is never unpacked.
            found = unpacker.decompress(unpacker.unconsumed_tail + piece, self._left + 1)
        except zlib.error:
            if not self._may_be_raw:
                raise Failed("The answer cannot be unpacked.") from None
            self._may_be_raw, self._unpacker = False, zlib.decompressobj(-zlib.MAX_WBITS)
            return self._unpacked(piece)
        self._may_be_raw = False
        return found

    def _keep(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise Refused("The answer is too long.")
        self._pieces.append(piece)
