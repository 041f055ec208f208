"""Redirects the addresses that imported posts had on their old site."""

from collections.abc import Iterable

from qingbo.imports.doubts import Doubt
from qingbo.imports.report import Item, Outcome
from qingbo.imports.target import Target
from qingbo.posts.models import Post
from qingbo.posts.old_addresses import Stored, add_old_address, stored_path


def redirect_to(target: Target, post: Post, addresses: Iterable[str], source: object) -> list[Doubt]:
    """Redirect addresses to a post, count them, and return doubts about those that cannot redirect.

    Args:
        target: the blog.
        post: that had the addresses.
        addresses: on the old site.
        source: the file of the post.
    """
    doubts = []
    for address in addresses:
        path = stored_path(address)
        is_taken = path is not None and target.is_claimed(path, source)
        match Stored.TAKEN if is_taken else add_old_address(target.session, post, address):
            case Stored.NEW:
                target.report.count(Item.REDIRECT, Outcome.NEW)
            case Stored.UNCHANGED:
                target.report.count(Item.REDIRECT, Outcome.UNCHANGED)
            case Stored.TAKEN:
                doubts.append(Doubt(f"its old address {address} does not redirect: the blog has another page there"))
            case Stored.UNUSABLE:
                doubts.append(Doubt(f"its old address {address} cannot redirect"))
    return doubts
