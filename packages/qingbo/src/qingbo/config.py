"""Typed settings, from the environment (``QINGBO_…``) and from ``qingbo.toml`` in the data folder.

Environment variables take precedence. One error lists all unknown keys and invalid values.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from qingbo.errors import BadSettings
from qingbo.menus import DEFAULT, Menu
from qingbo.parent import PARENT_VARIABLE
from qingbo.styling.colours import is_colour
from qingbo.styling.custom_css import checked_css

PREFIX = "QINGBO_"
HOME_VARIABLE = "QINGBO_HOME"
OWN_VARIABLES = {HOME_VARIABLE, PARENT_VARIABLE}
"""Environment variables with the prefix of settings that are not settings."""

FILE_NAME = "qingbo.toml"

_MEDIA = re.compile(r"/media/[0-9a-f]{12,64}/[^\s/?#<>\"'\\]{1,400}")

_LINK = re.compile(r"https?://[^\s<>\"'\\/?#][^\s<>\"\\]*")
MOST_LINKS, LINK_LENGTH = 20, 500

THEME_NAME = r"^[a-z0-9][a-z0-9_-]{0,40}$"

_ADDRESS = re.compile(r"https?://(?:(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?/?")
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,60}){0,8}/?")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone; they look like Asia/Shanghai or Europe/Berlin") from None
    return name


def _web_address(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise ValueError("must look like https://blog.example.com, without a path")
    return address.rstrip("/")


def _public_address(address: str) -> str:
    origin = re.match(r"https?://[^/]*", address)
    if not origin or not _ADDRESS.fullmatch(origin[0]) or not _PATH.fullmatch(address[origin.end() :]):
        raise ValueError("must look like https://blog.example.com or https://example.com/blog")
    return address.rstrip("/")


def _driver_named(address: str) -> str:
    """Return the database address with the driver that Qingbo uses: PyMySQL, psycopg 3, or Python's own SQLite."""
    drivers = {"sqlite": "sqlite", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
    drivers |= {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    try:
        url = make_url(address)
        if url.drivername.startswith("sqlite") and url.database in {None, "", ":memory:"}:
            raise ValueError
        return url.set(drivername=drivers[url.drivername.partition("+")[0]]).render_as_string(hide_password=False)
    except (ArgumentError, KeyError, ValueError):
        raise ValueError("must begin with sqlite:/// and a file, mariadb://, mysql:// or postgresql://") from None


def _redis_address(address: str) -> str:
    if not address.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return address


def _colour(text: str) -> str:
    if text and not is_colour(text.lower()):
        raise ValueError("must look like #0f605b")
    return text.lower()


def _media_address(address: str) -> str:
    if address and not _MEDIA.fullmatch(address):
        raise ValueError("must be the address of an uploaded picture, such as /media/0123456789ab/tea.jpg")
    return address


def _links(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINKS or not all(len(line) <= LINK_LENGTH and _LINK.fullmatch(line) for line in lines):
        raise ValueError(f"must be addresses that begin with https://, one on each line, at most {MOST_LINKS}")
    return "\n".join(lines)


def _harmless(css: str) -> str:
    checked_css(css)
    return css


class Settings(BaseModel):
    """All settings. ``title`` is ``QINGBO_TITLE`` in the environment and ``title`` in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\r\n]+$")] = "轻博 Qingbo"
    description: Annotated[str, Field(max_length=300)] = ""
    address: Annotated[str, AfterValidator(_public_address)] | None = None
    """The public address of the blog, for links in mails and feeds, and for cookies. Unset: mails with links are not
    sent. It may have a path."""
    language: Literal["zh", "en"] = "zh"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    posts_per_page: Annotated[int, Field(ge=1, le=100)] = 10
    typographic_quotes: bool = False
    """Whether English posts are shown with typographic quotes and dashes."""
    menu: Menu = DEFAULT
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    """How many proxies set X-Forwarded-For, -Proto and -Host."""
    raw_data_writable: bool = False
    """Whether administrators may change rows in the raw-data panel."""
    database_url: Annotated[str, AfterValidator(_driver_named)] | None = None
    """Unset: SQLite in the data folder."""
    registration: Literal["open", "invitation", "approval", "closed"] = "approval"
    """Who may make an account: everybody, people with an invitation, people whom an administrator approves, nobody."""
    registration_role: Literal["reader", "author"] = "reader"
    """The role of a new account, unless its invitation has another one."""
    guest_comments: bool = True
    """Whether people without an account may comment."""
    comment_hold: Literal["first", "all", "none"] = "first"
    """Which guests' comments wait for approval: those of guests without an approved comment, all, none."""
    comment_links: Annotated[int, Field(ge=0, le=100)] = 1
    """A guest's comment with more links than this waits for approval."""
    comment_words: Annotated[str, Field(max_length=10_000)] = ""
    """Words, separated by commas or line ends. A guest's comment that contains one waits for approval."""
    comment_challenge: bool = False
    """Whether a guest's browser has to solve a challenge; without JavaScript the guest waits instead."""
    upload_megabytes: Annotated[int, Field(ge=1, le=2000)] = 50
    """The maximum size of an audio file, a video or a download. For pictures it is at most 30."""
    s3_bucket: str | None = None
    """The bucket for uploaded files; unset: the data folder."""
    s3_endpoint: Annotated[str, AfterValidator(_web_address)] | None = None
    s3_region: str = "us-east-1"
    s3_key_id: str | None = None
    s3_secret: SecretStr | None = None
    redis_url: Annotated[str, AfterValidator(_redis_address)] | None = None
    """Redis for the job queue, limits and shared pages; unset: a queue in the data folder, counts in the database."""
    nightly_backups: Annotated[int, Field(ge=0, le=366)] = 7
    """How many of the backups that are made every night are kept in the data folder; 0: none are made."""
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None
    """The token that a client must send to read /metrics; unset: no such page."""
    page_cache_megabytes: Annotated[int, Field(ge=0, le=10_000)] = 64
    """Memory for cached public pages, in each process or in Redis; 0: no cache."""
    shared_cache_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    """How long nginx or a CDN may serve a public page without asking again."""
    feed_content: Literal["full", "excerpt"] = "full"
    """What feeds contain of a post."""
    ai_crawlers: Literal["allow", "refuse"] = "allow"
    """Whether robots.txt allows crawlers that collect texts for language models."""
    owner_links: Annotated[str, AfterValidator(_links)] = ""
    """The owner's other pages, one address per line; the home page links to them with rel="me"."""
    link_previews: bool = True
    """Whether the titles of pages that posts link to are fetched."""
    view_counts: bool = True
    """Whether views of posts are counted."""
    theme: Annotated[str, Field(pattern=THEME_NAME)] = "default"
    """The name of a built-in theme, or of one in the folder themes."""
    accent: Annotated[str, AfterValidator(_colour)] = ""
    """The colour of links and buttons; empty: the theme's colour."""
    custom_css: Annotated[str, AfterValidator(_harmless)] = ""
    """CSS after all other stylesheets, as it was typed."""
    logo: Annotated[str, AfterValidator(_media_address)] = ""
    """A picture for the header, in place of our logo."""
    cover: Annotated[str, AfterValidator(_media_address)] = ""
    """A wide picture at the top of the home page."""
    favicon: Annotated[str, AfterValidator(_media_address)] = ""
    """An icon for browser tabs and bookmarks, in place of ours."""
    home_layout: Literal["stream", "cards", "titles"] = "stream"
    """What the home page shows of a post."""
    footer_text: Annotated[str, Field(max_length=1000)] = ""
    """Markdown at the end of every page: one or two lines, with links."""
    mail_host: str | None = None
    mail_port: Annotated[int, Field(ge=1, le=65535)] = 587
    mail_encryption: Literal["starttls", "tls", "none"] = "starttls"
    mail_user: str | None = None
    mail_password: SecretStr | None = None
    mail_from: str | None = None

    @property
    def origin(self) -> str:
        """Scheme and host of `address`, such as ``https://example.com``; empty if it is not set."""
        return "/".join((self.address or "").split("/")[:3])

    @property
    def path(self) -> str:
        """The path of `address`, such as ``/blog``; empty if it has none."""
        return (self.address or "").removeprefix(self.origin)

    @property
    def sends_mail(self) -> bool:
        """Whether the blog can send mail."""
        return bool(self.mail_host and self.mail_from)

    @property
    def mails_links(self) -> bool:
        """Whether the blog can send mail with links, which need the setting `address`."""
        return self.sends_mail and self.address is not None


def cookie_name(name: str, settings: Settings) -> str:
    """Return the full name of a cookie that must not come from elsewhere (RFC 6265bis, 4.1.3).

    Over https, browsers accept ``__Host-`` only from this host, with the path /. Below a path there may be another blog
    on this host, so there the cookie has the path, and ``__Secure-``.
    """
    is_https = settings.origin.startswith("https://")
    return f"{'__Secure-' if settings.path else '__Host-'}{name}" if is_https else name


def require_package(setting: str, package: str) -> None:
    """Refuse a setting if its package is not installed. The extra of Qingbo has the first part of the setting's name.

    Raises:
        BadSettings: if the package is missing.
    """
    if find_spec(package) is None:
        extra = setting.partition("_")[0]
        raise BadSettings(
            f"{setting} is set, but the package for it is not installed.", f"Install it: pip install 'qingbo[{extra}]'"
        )


def read_settings(folder: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the blog in a data folder.

    Raises:
        BadSettings: if the file is not TOML; or for unknown keys and invalid values, each with its name.
    """
    environment = os.environ if environment is None else environment
    in_file = _read_file(folder / FILE_NAME)
    in_environment = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in environment.items()
        if key.startswith(PREFIX) and key not in OWN_VARIABLES
    }
    try:
        return Settings.model_validate(in_file | in_environment)
    except ValidationError as error:
        lines = [_explain(problem, in_environment, folder) for problem in error.errors()]
        raise BadSettings("\n".join(lines), f"The settings there are: {', '.join(Settings.model_fields)}") from None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise BadSettings(f"{path} cannot be read: {error}", 'It is a TOML file in UTF-8: title = "…"') from None


def _explain(problem: Any, in_environment: Iterable[str], folder: Path) -> str:
    key = str(problem["loc"][0])
    where = f"{PREFIX}{key.upper()} (environment)" if key in in_environment else f"{key} ({folder / FILE_NAME})"
    if problem["type"] == "extra_forbidden":
        import difflib

        close = difflib.get_close_matches(key, Settings.model_fields, n=1)
        return f"{where} is no setting." + (f" Did you mean {close[0]}?" if close else "")
    message = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {message[0].lower()}{message[1:]}"
