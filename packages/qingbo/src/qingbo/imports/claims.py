"""Which of several files with the same name gets the slug: the one whose old address has it, as `/posts/tea` here."""

from collections import defaultdict
from datetime import tzinfo

from qingbo.imports.bad_file import BadFile
from qingbo.imports.listing import Listing
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.site_file import NotPublished, read_site_file
from qingbo.posts.addresses import path_of
from qingbo.posts.old_addresses import stored_path
from qingbo.rendering.slugs import slug_of

_EMPTY = MarkdownFile(title="", text="", tags=[], slug="", date=None)


def by_claims(listing: Listing, zone: tzinfo, encoding: str | None) -> list[int]:
    """Return the numbers of the files in the order of their import: those first that have a claim to their slug.

    Files with the same name are in several sections or languages. Only these are read.
    """
    generator = listing.site.generator
    named: defaultdict[str, list[int]] = defaultdict(list)
    for number, path in enumerate(listing.files):
        if slug := slug_of(generator.slug(listing.inside(path), _EMPTY)):
            named[slug].append(number)
    first = {
        number
        for slug, numbers in named.items()
        if len(numbers) > 1
        for number in numbers
        if _has_claim(listing, number, slug, zone, encoding)
    }
    return sorted(range(len(listing.files)), key=lambda number: number not in first)


def _has_claim(listing: Listing, number: int, slug: str, zone: tzinfo, encoding: str | None) -> bool:
    path = listing.files[number]
    try:
        found = read_site_file(listing, path, path.read_bytes(), zone, encoding)
    except (BadFile, NotPublished, OSError):  # its import says why
        return False
    wanted = f"/{slug}" if found.is_page else path_of(slug)
    return wanted in map(stored_path, found.addresses)
