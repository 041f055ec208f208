"""What becomes of an item of WordPress. Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from urllib.parse import unquote

from qingbo.comments.models import State
from qingbo.imports.embedded import set_aside
from qingbo.imports.html.cleaning import with_site
from qingbo.imports.html.conversion import converted
from qingbo.imports.html.paragraphs import with_paragraphs
from qingbo.imports.systems.items import EMBEDDED, Body, Entry, Remark
from qingbo.imports.systems.origins import digest_of
from qingbo.imports.wordpress.editor_blocks import html_of_blocks, is_of_blocks, with_reused
from qingbo.imports.wordpress.export_file import Element
from qingbo.imports.wordpress.formats import as_kind
from qingbo.imports.wordpress.overview import Overview, creator_of, path_in, plain
from qingbo.imports.wordpress.shortcodes import Gallery, without_shortcodes
from qingbo.posts.kinds import ARTICLE, LINK, PAGE, Parts
from qingbo.posts.models import PRIVATE, PUBLIC
from qingbo.rendering.pasting import TooMuch, markdown_of

DEFAULT_CATEGORY = "uncategorized"
_NOT_TAGS = {"nav_menu", "post_format", "wp_theme", "wp_template_part_area", "wp_pattern_category"}
_DRAFTS = {"draft": "it is a draft there", "pending": "it waits for review there", "auto-draft": "it is a draft there"}
_STATES = {"1": State.SHOWN, "approve": State.SHOWN, "0": State.HELD, "hold": State.HELD, "spam": State.SPAM}
_NO_COMMENTS = {"pingback", "trackback"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item, or a comment, that is not meant to come."""

    reason: str
    line: int


def entry_of(item: Element, overview: Overview, zone: tzinfo, remarks: Sequence[Remark]) -> Entry | Skipped:
    """Return the entry of a post or page.

    Args:
        item: with the type post or page.
        overview: of the file.
        zone: for dates that are not given in UTC.
        remarks: the comments on it.
    """
    status, number = item.value("wp:status"), item.value("wp:post_id")
    (text, embedded), title = set_aside(item.value("content:encoded"), EMBEDDED), plain(item.value("title"))
    if status == "trash":
        return Skipped("it is in the trash there", item.line)
    if status == "auto-draft" and not text:
        return Skipped("it is an empty draft", item.line)
    is_page = item.value("wp:post_type") == "page"
    withheld = list(_withheld(item, status))
    date = _moment(item, "wp:post_date", zone)
    tags, doubts = _tags(item)
    cover = _cover(item, overview)
    slug = unquote(item.value("wp:post_name"))
    facts = (
        title, text, slug, status, is_page, tags, date, item.value("wp:post_password"), item.value("excerpt:encoded"),
        cover, creator_of(item), _format(item), overview.reusable if "wp:block " in text else "",
    )  # fmt: skip
    return Entry(
        number, title, digest_of(facts),
        lambda: _body(item, text, overview, cover, doubts),
        author=creator_of(item), is_page=is_page, slug=slug, tags=tags, summary=_summary(item),
        created_at=date, date=None if withheld else date, updated_at=_moment(item, "wp:post_modified", zone),
        visibility=PRIVATE if status == "private" else PUBLIC,
        is_pinned=item.value("wp:is_sticky") == "1", withheld=withheld,
        addresses=_addresses(item, overview, number, is_page=is_page), remarks=remarks,
        embedded=embedded, line=item.line,
    )  # fmt: skip


def _withheld(item: Element, status: str) -> Iterator[str]:
    if status in _DRAFTS:
        yield _DRAFTS[status]
    elif status not in {"publish", "future", "private"}:
        yield f"its status is “{status}”"
    if item.value("wp:post_password"):
        yield "it has a password there, which posts cannot have here"


def _moment(item: Element, key: str, zone: tzinfo) -> datetime | None:
    for name, its_zone in ((f"{key}_gmt", UTC), (key, zone)):
        value = item.value(name)
        try:
            moment = datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=its_zone)
        except ValueError:  # 0000-00-00, which drafts have
            continue
        return moment.astimezone(UTC)
    return None


def _format(item: Element) -> str:
    return next(
        (
            each.attributes.get("nicename", "").removeprefix("post-format-")
            for each in item.all("category")
            if each.attributes.get("domain") == "post_format"
        ),
        "",
    )


def _tags(item: Element) -> tuple[list[str], list[str]]:
    tags: list[str] = []
    others: dict[str, list[str]] = {}
    for each in item.all("category"):
        domain, name = each.attributes.get("domain", ""), plain(each.text)
        if domain in {"category", "post_tag", "tag"}:
            if each.attributes.get("nicename") != DEFAULT_CATEGORY:
                tags.append(name)
        elif domain not in _NOT_TAGS:
            others.setdefault(domain, []).append(name)
    tags = list(dict.fromkeys(tags))
    return tags, [f"terms of “{domain}” were left out: {', '.join(names)}" for domain, names in others.items()]


def _cover(item: Element, overview: Overview) -> Parts:
    for meta in item.all("wp:postmeta"):
        if meta.value("wp:meta_key") == "_thumbnail_id":
            picture = overview.picture(meta.value("wp:meta_value"))
            if picture is not None:
                return Parts(cover=picture.address, cover_alt=picture.description[:500])
    return Parts()


def _summary(item: Element) -> str:
    try:
        return markdown_of(item.value("excerpt:encoded")[:20_000])
    except TooMuch:
        return ""


def _addresses(item: Element, overview: Overview, number: str, *, is_page: bool) -> list[str]:
    link = path_in(item.value("link"))
    paths = [link] if link and "?" not in link and link.strip("/") != overview.base.strip("/") else []
    return [*overview.paths(paths), f"/?p={number}", *([f"/?page_id={number}"] if is_page else [])]


def _body(item: Element, text: str, overview: Overview, cover: Parts, doubts: list[str]) -> Body:
    """Convert the text of an item."""
    number = item.value("wp:post_id")
    of_post = [overview.picture(each) for each in overview.files_of.get(number, [])]
    gallery = Gallery(overview.picture, [each for each in of_post if each])
    html, unknown, dynamic = _html(text, overview, gallery)
    doubts = [
        *doubts,
        *([f"unknown shortcodes stay in the text: {', '.join(unknown)}"] if unknown else []),
        *([f"blocks without text of their own were left out: {', '.join(dynamic)}"] if dynamic else []),
    ]
    whole = converted(with_site(html, overview.address))
    body = Body(whole.text, ARTICLE, Parts(), [*doubts, *whole.doubts])
    if item.value("wp:post_type") == PAGE:
        return Body(body.text, PAGE, cover, body.doubts)
    body = as_kind(_format(item), html, body)
    is_whole = body.text.strip() or body.kind == LINK or body.parts.pictures
    return body if is_whole and body.kind != ARTICLE else replace(body, kind=ARTICLE, parts=cover)


def _html(text: str, overview: Overview, gallery: Gallery) -> tuple[str, list[str], list[str]]:
    """Return a text as HTML, with the names of unknown shortcodes, and of blocks without HTML."""
    if not is_of_blocks(text):
        text, unknown = without_shortcodes(text, gallery)
        return with_paragraphs(text), unknown, []
    text, unknown = without_shortcodes(with_reused(text, overview.reusable), gallery)
    html, dynamic = html_of_blocks(text, with_paragraphs)
    return html, unknown, dynamic


def remarks_of(item: Element, overview: Overview, zone: tzinfo) -> Iterator[Remark | Skipped]:
    """Yield the comments on an item."""
    for each in item.all("wp:comment"):
        approved, kind = each.value("wp:comment_approved"), each.value("wp:comment_type")
        number, date = each.value("wp:comment_id"), _moment(each, "wp:comment_date", zone)
        if kind in _NO_COMMENTS:
            yield Skipped(f"comment {number} is a {kind}", each.line)
        elif approved not in _STATES:
            yield Skipped(f"comment {number} is in the trash there", each.line)
        else:
            parent = each.value("wp:comment_parent")
            yield Remark(
                number, "" if parent == "0" else parent, text_of_comment(each.value("wp:comment_content")),
                date or datetime.now(UTC), _STATES[approved],
                overview.numbers.get(each.value("wp:comment_user_id"), ""),
                plain(each.value("wp:comment_author")), each.value("wp:comment_author_email"), each.line,
            )  # fmt: skip


def text_of_comment(html: str) -> str:
    """Return the HTML of a comment, with line breaks, as Markdown."""
    try:
        return markdown_of(with_paragraphs(html))
    except TooMuch:
        return html
