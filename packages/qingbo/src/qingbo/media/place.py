"""The storage of a blog's media."""

from flask import Flask, current_app

from qingbo.config import Settings, require_package
from qingbo.home import DataFolder
from qingbo.media.s3 import S3Storage
from qingbo.media.storage import FolderStorage, Storage

_EXTENSION = "qingbo_storage"


def prepare_storage(app: Flask, folder: DataFolder, settings: Settings) -> None:
    """Create the app's storage from its settings; it is opened at its first use.

    Raises:
        BadSettings: if the settings name a bucket, but the package for it is not installed.
    """
    if settings.s3_bucket:
        require_package("s3_bucket", "obstore")
    app.extensions[_EXTENSION] = S3Storage(settings) if settings.s3_bucket else FolderStorage(folder.media)


def current_storage() -> Storage:
    """Return the storage of the current app."""
    found: Storage = current_app.extensions[_EXTENSION]
    return found
