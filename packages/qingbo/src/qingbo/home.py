"""The data folder: all files of one blog, in one folder that can be copied."""

import errno
import hashlib
import os
import secrets
import shlex
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from qingbo.clock import now
from qingbo.config import FILE_NAME, HOME_VARIABLE
from qingbo.errors import FolderNotWritable, NoBlogHere

DEFAULT_NAME = "qingbo-data"

LEAST_KEY_LENGTH = 32

_PROBE = ".probe"

SETTINGS_TEMPLATE = """\
# The settings of this blog. Each can also be given in the environment: title is QINGBO_TITLE there, and wins.
# Remove the # of a line to change it; the values shown are the ones that hold without it.

# title = "轻博 Qingbo"
# description = ""
# address = "https://blog.example.com"   # where readers find it; may have a path, as in "https://example.com/blog"
# language = "zh"                        # or "en"
# timezone = "Asia/Shanghai"
# posts_per_page = 10
# feed_content = "full"                  # what feeds have of a post; or "excerpt"
# ai_crawlers = "allow"                  # or "refuse": robots.txt turns programs away that train language models
# owner_links = ""                       # other pages of yours, one on each line, for rel="me"
# link_previews = true                   # ask pages that posts link to for their titles
# typographic_quotes = false             # English posts: curly quotes and dashes in place of typed ones
# view_counts = true                     # count the readers of posts, without cookies
# menu = [{label = "", address = "/"}, {label = "", address = "/archive"}, {label = "", address = "/tags"}]
# trusted_proxies = 0                    # how many proxies stand in front
# database_url = "postgresql://user:password@host/name"   # or mariadb://…; without it, SQLite in this folder
# page_cache_megabytes = 64              # memory for ready-made public pages, in each process; 0 makes each anew
# shared_cache_seconds = 0               # how long nginx or a CDN may show a public page without asking again
# nightly_backups = 7                    # how many are kept in backups/ in this folder; 0 makes none
# metrics_token = ""                     # 16 characters or more: Prometheus sends it to read /metrics
# raw_data_writable = false              # lets administrators change rows at /studio/data

# Those above database_url but for address and trusted_proxies, and the next fifteen, can also be changed in the studio,
# as long as they are not given here.
# theme = "default"                      # or "serif", "pictures", or the name of a file in themes/ in this folder
# accent = ""                            # the colour of links and buttons, such as "#0f605b"; without it, the theme's
# custom_css = ""                        # rules of your own
# logo = ""                              # pictures that were uploaded, such as "/media/0123456789ab/tea.png"
# cover = ""
# favicon = ""
# home_layout = "stream"                 # or "cards", "titles"
# footer_text = ""                       # at the end of every page, such as "[ICP 1234](https://beian.miit.gov.cn/)"
# registration = "approval"              # or "open", "invitation", "closed"
# registration_role = "reader"           # or "author"
# guest_comments = true
# comment_hold = "first"                 # which comments of guests wait for approval; or "all", "none"
# comment_links = 1                      # a guest's comment with more links waits
# comment_words = ""                     # and one with these words, separated by commas
# comment_challenge = false              # a guest's browser does some work first, or the guest waits

# Pictures and files that people upload lie in media/ in this folder, or in a bucket:
# upload_megabytes = 50                  # how large an audio file, a video or a download may be; a picture at most 30
# s3_bucket = "blog"                     # needs: pip install 'qingbo[s3]'
# s3_endpoint = "https://s3.example.com"  # without it, Amazon's
# s3_region = "us-east-1"
# s3_key_id = ""
# s3_secret = ""
# redis_url = "redis://localhost:6379/0"  # jobs, limits, stored pages; needs: pip install 'qingbo[redis]'

# To send mail set address above, too: links in mails lead there, and without it no mail with a link is sent.
# mail_host = "smtp.example.com"
# mail_port = 587
# mail_encryption = "starttls"           # or "tls", "none"
# mail_user = ""
# mail_password = ""
# mail_from = "blog@example.com"
"""


class DataFolder:
    """The folder of one blog. Nothing is created before `create`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def find(cls, given: str | Path | None = None) -> "DataFolder":
        """Return the given folder, else that of ``QINGBO_HOME``, else ``qingbo-data`` in the current folder."""
        return cls(Path(given or os.environ.get(HOME_VARIABLE) or DEFAULT_NAME).absolute())

    @property
    def database(self) -> Path:
        """The SQLite file, if the settings name no other database."""
        return self.path / "qingbo.db"

    @property
    def settings(self) -> Path:
        """The file with the settings."""
        return self.path / FILE_NAME

    @property
    def copies(self) -> Path:
        """Where Flask-Rewind keeps its copies of the SQLite file."""
        return self.path / "copies"

    @property
    def serve_lock(self) -> Path:
        """Locked by the `qingbo serve` of this folder."""
        return self.path / "serve.lock"

    @property
    def sweep_lock(self) -> Path:
        """Locked by the process that sweeps; contains the time when the last sweep began."""
        return self.path / "sweep.lock"

    @property
    def metrics(self) -> Path:
        """The workers' metrics for Prometheus, one or more files per worker; deleted at each start."""
        return self.path / "metrics"

    @property
    def forwarded(self) -> Path:
        """When and from where a proxy last forwarded a request, if the settings count no proxy."""
        return self.path / "forwarded.json"

    @property
    def media(self) -> Path:
        """Pictures and files, unless the settings name a bucket."""
        return self.path / "media"

    @property
    def tasks(self) -> Path:
        """The queue of background jobs, unless the settings name a Redis server."""
        return self.path / "tasks.db"

    @property
    def themes(self) -> Path:
        """Stylesheets by the owner of the blog: one file per theme."""
        return self.path / "themes"

    @property
    def backups(self) -> Path:
        """Backups of the blog, made every night and before upgrades."""
        return self.path / "backups"

    @property
    def names(self) -> set[str]:
        """Names, or beginnings of names, of the blog's files in the folder."""
        return {
            FILE_NAME,
            self.serve_lock.name,
            self.sweep_lock.name,
            self.forwarded.name,
            self.database.name,
            self.media.name,
            self.metrics.name,
            self.themes.name,
            self.backups.name,
            self.tasks.name,
            self._secret_key_file.name,
            self._setup_token_file.name,
            _PROBE,
        }

    @property
    def is_there(self) -> bool:
        """Whether the folder contains a blog."""
        return self._secret_key_file.exists() or self.settings.exists()

    @property
    def made_at(self) -> datetime:
        """When the blog was made here, by the time of its key; now if there is none."""
        try:
            return datetime.fromtimestamp(self._secret_key_file.stat().st_mtime, UTC)
        except FileNotFoundError:
            return now()

    @property
    def _secret_key_file(self) -> Path:
        return self.path / "secret_key"

    @property
    def _setup_token_file(self) -> Path:
        return self.path / "setup_token"

    def create(self) -> bool:
        """Create what is missing and return whether the blog is new.

        Raises:
            FolderNotWritable: if something cannot be written.
        """
        is_new = not self.is_there
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self.settings.exists():
                write_private(self.settings, SETTINGS_TEMPLATE)
            if not self._secret_key_file.exists():
                write_private(self._secret_key_file, secrets.token_urlsafe(48))
        except OSError as error:
            raise _not_writable(self.path, error) from error
        return is_new

    def require(self) -> "DataFolder":
        """Return the folder.

        Raises:
            NoBlogHere: if it contains no blog.
        """
        if not self.is_there:
            raise NoBlogHere(
                f"There is no blog in {self.path}.",
                "Make one with `qingbo init` or `qingbo serve`, go to the folder that has it, "
                "or name it: qingbo --home FOLDER …",
            )
        return self

    def require_writable(self) -> None:
        """Check that the folder is writable.

        Raises:
            FolderNotWritable: if no file can be created in it, or the database cannot be written.
        """
        probe = self.path / f"{_PROBE}-{secrets.token_hex(4)}"
        try:
            probe.touch()
            probe.unlink()
            # Not opened: closing the file would release the locks that this process has on it.
            if self.database.exists() and not os.access(self.database, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.database))
        except OSError as error:
            raise _not_writable(self.path, error) from error

    def secret_key(self) -> str:
        """Return the key that signs sessions; `create` makes it.

        Raises:
            NoBlogHere: if the file is missing or too short.
        """
        try:
            key = self._secret_key_file.read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            key = ""
        if len(key) < LEAST_KEY_LENGTH:
            quoted = shlex.quote(str(self._secret_key_file))
            raise NoBlogHere(
                f"{self._secret_key_file} is missing or no key: sessions cannot be signed.",
                f"Make a new one (everybody signs in again): rm -f {quoted}, then qingbo init",
            )
        return key

    def blog_id(self) -> str:
        """Return an id for this blog on a shared Redis server; it is the same on all machines that share the key."""
        return hashlib.sha256(self.secret_key().encode()).hexdigest()[:16]

    def setup_token(self) -> str | None:
        """Return the token of the set-up link, or None if it does not exist or was used."""
        try:
            return self._setup_token_file.read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    def make_setup_token(self) -> str:
        """Return the token of the set-up link, and create it if there is none."""
        if (token := self.setup_token()) is None:
            token = secrets.token_urlsafe(24)
            write_private(self._setup_token_file, token)
        return token

    def use_setup_token(self) -> bool:
        """Delete the token and return whether it existed. Of two concurrent calls, one gets True."""
        try:
            self._setup_token_file.unlink()
        except FileNotFoundError:
            return False
        return True


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, completely or not at all."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)


def create_private(path: Path) -> None:
    """Create an empty file that only its owner can read, unless it exists."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _not_writable(path: Path, error: OSError) -> FolderNotWritable:
    return FolderNotWritable(
        f"The data folder {path} cannot be written: {error.strerror or error}.",
        "Give this user the right to write it, or name another one: qingbo --home FOLDER …",
    )
