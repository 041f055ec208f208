"""Compares an imported file with its post, which may have been changed here, or made by an older release."""

import re

from qingbo.clock import now
from qingbo.imports.decision import Decision
from qingbo.imports.doubts import Doubt
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.models import ImportedFile
from qingbo.imports.picture_references import without_addresses
from qingbo.posts.models import Post
from qingbo.rendering.characters import on_one_line, without_controls

_POST = re.compile(r"\]\(/(?:posts/)?[a-z0-9-]+(?=[#)\s])")


def is_touched(known: ImportedFile, post: Post) -> bool:
    """Return whether somebody changed the post here since its last import."""
    return post.updated_at != known.imported_at


def differences_of(known: ImportedFile, post: Post, file: MarkdownFile, decision: Decision) -> list[Doubt]:
    """List differences between the post that an older release made of the same file, and what this one would make."""
    differences = []
    touched = is_touched(known, post)
    if post.date is not None and not (touched and _was_published_here(known, post)):
        if decision.reasons:
            differences.append(f"its post is public, although {'; '.join(decision.reasons)}")
        elif decision.scheduled_for and post.date <= now():
            differences.append(f"its post is public, although its date is to come: {decision.scheduled_for}")
    text = _comparable(without_controls(file.text).strip("\n"))
    if not touched and (on_one_line(file.title), text) != (post.title, _comparable(post.text)):
        differences.append("its post has another title or text than this version of Qingbo reads in the file")
    return [Doubt(each, hint="import again with --overwrite to take the file as it is") for each in differences]


def _comparable(text: str) -> str:
    """Return a text without the addresses of pictures and of other posts, which may have got others since."""
    return _POST.sub("](/", without_addresses(text))


def _was_published_here(known: ImportedFile, post: Post) -> bool:
    """Return whether somebody published the imported draft here: an import never sets a date after itself."""
    return post.first_published_at is not None and post.first_published_at > known.imported_at


def keep_what_was_decided_here(known: ImportedFile, post: Post, decision: Decision) -> None:
    """Keep a post public or a draft if somebody published it or took it back here, whatever the file contains."""
    if decision.published_at is None and post.date is not None and _was_published_here(known, post):
        decision.published_at = post.date
        why = "; ".join(decision.reasons)
        decision.doubts.append(Doubt(f"its post stays public, because it was published here, although {why}"))
        decision.reasons = []
    elif decision.published_at is not None and post.date is None and post.first_published_at is not None:
        decision.published_at, decision.scheduled_for = None, ""
        decision.doubts.append(Doubt("its post stays a draft, because it was unpublished here"))


def changed_twice(post: Post, decision: Decision) -> str:
    """Say that a file and its post were both changed since the last import."""
    reason = "changed, and so did its post here since; --overwrite takes the file's text"
    if decision.reasons and post.date is not None:
        reason += f". The post is public, although {'; '.join(decision.reasons)}"
    return reason
