"""Media in a bucket of S3 or a compatible server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

from qingbo.config import Settings
from qingbo.media.storage import CHUNK

if TYPE_CHECKING:
    from obstore.store import S3Store


class S3Storage:
    """The files in a bucket, through `obstore` (extra ``s3``)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connected: S3Store | None = None

    def put(self, name: str, content: IO[bytes]) -> None:
        """Upload the content; a bucket shows it only when it is complete."""
        content.seek(0)
        self._store.put(name, content)

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Request a range of the file, piece by piece."""
        size = self.size(name)
        if size is None:
            raise FileNotFoundError(name)
        end = size if length is None else min(size, start + length)

        def chunks() -> Iterator[bytes]:
            for begin in range(start, end, CHUNK):
                yield bytes(self._store.get_range(name, start=begin, end=min(begin + CHUNK, end)))

        return chunks()

    def size(self, name: str) -> int | None:
        """Ask the bucket for the size."""
        try:
            return int(self._store.head(name)["size"])
        except FileNotFoundError:
            return None

    def delete(self, name: str, older_than: float = 0) -> None:
        """Delete the file if it is old enough; a missing one is not an error."""
        try:
            put_at = self._store.head(name)["last_modified"]
        except FileNotFoundError:
            return
        if put_at <= datetime.now(UTC) - timedelta(seconds=older_than):
            self._store.delete(name)

    def names(self, older_than: float) -> Iterator[str]:
        """List the bucket, page by page."""
        newest = datetime.now(UTC) - timedelta(seconds=older_than)
        for page in self._store.list():
            yield from (each["path"] for each in page if each["last_modified"] <= newest)

    @property
    def _store(self) -> "S3Store":
        if self._connected is None:
            self._connected = _connected(self._settings)
        return self._connected


def _connected(settings: Settings) -> "S3Store":
    from obstore.store import S3Store

    options: dict[str, Any] = {
        "endpoint": settings.s3_endpoint,
        "region": settings.s3_region,
        "access_key_id": settings.s3_key_id,
        "secret_access_key": settings.s3_secret.get_secret_value() if settings.s3_secret else None,
    }
    given = {name: value for name, value in options.items() if value}
    is_plain = bool(settings.s3_endpoint and settings.s3_endpoint.startswith("http://"))
    return S3Store(settings.s3_bucket or "", client_options={"allow_http": is_plain}, **given)
