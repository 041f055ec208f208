"""One file of a site, read by the rules of its generator."""

from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

from qingbo.imports.html_file import is_html, is_template, with_markdown
from qingbo.imports.listing import Listing
from qingbo.imports.markdown_file import MarkdownFile, read_markdown
from qingbo.imports.term_pages import TermPage


class NotPublished(Exception):
    """The site publishes no page of the file; the text says why."""


@dataclass(frozen=True, slots=True)
class SiteFile:
    """The content of a file, and what its site makes of it."""

    file: MarkdownFile
    is_page: bool
    addresses: tuple[str, ...]
    """That it has on its site."""
    terms: tuple[TermPage, ...] = ()
    """The pages of its tags and categories there."""


def read_site_file(listing: Listing, path: Path, content: bytes, zone: tzinfo, encoding: str | None = None) -> SiteFile:
    """Read a file.

    Args:
        listing: of its folder.
        path: of the file.
        content: of the file.
        zone: for dates without a zone.
        encoding: of a file that is not UTF-8; None means to recognise it.

    Raises:
        BadFile: if it cannot be read.
        NotPublished: if the site publishes no page of it.
    """
    generator, inside = listing.site.generator, listing.inside(path)
    inherited, is_by_word = generator.inherited(inside), generator.spaces_part_categories
    file = read_markdown(path, content, zone, encoding, inherited, spaces_part_categories=is_by_word)
    if reason := generator.unpublished(inside, file):
        raise NotPublished(reason)
    if is_html(path):
        if generator.is_page(inside, file) and is_template(file):
            raise NotPublished("the theme fills this page")
        file = with_markdown(file, generator.shortcodes)
    addresses = tuple(generator.addresses(inside, file, zone))
    is_page, slug = generator.is_page(inside, file), file.slug if file.own else generator.slug(inside, file)
    terms = tuple(TermPage(name, address) for name, address in generator.term_pages(inside, file))
    withheld = (*file.withheld, *generator.withheld(inside, file))
    tags = list(map(generator.tag, file.tags))
    return SiteFile(replace(file, slug=slug, withheld=withheld, tags=tags), is_page, addresses, terms)
