"""Makes the content of a post from a file: its pictures, its fields, its rendered text."""

from dataclasses import dataclass, replace

from qingbo.imports.decision import Decision
from qingbo.imports.doubts import Doubt
from qingbo.imports.exported.blog import ExportedBlog
from qingbo.imports.exported.fields import kind_of
from qingbo.imports.identity import Source
from qingbo.imports.limits import language_tag
from qingbo.imports.markdown_file import MarkdownFile
from qingbo.imports.pictures import Pictures
from qingbo.imports.target import Target
from qingbo.posts.kinds import ARTICLE, PAGE, Parts, is_picture_address
from qingbo.posts.publishing import Draft, outline_of, summary_of
from qingbo.rendering.characters import without_controls


@dataclass(slots=True)
class Drafting:
    """Makes drafts from the files of one folder."""

    target: Target
    pictures: Pictures
    exported: ExportedBlog | None = None
    """Our own export, if the folder is one: its texts stay as they are."""

    def draft_of(self, source: Source, decision: Decision) -> Draft:
        """Return the draft of a file, and add to the decision what is missing or doubtful. Commits.

        Raises:
            InputRefused: if the text is too long.
        """
        file, fields = source.file, source.fields
        # End the transaction, so that others can write while pictures are read and text is rendered.
        self.target.keep()
        text, cover = map(without_controls, self._with_pictures(source, decision))
        language = language_tag(file.language)
        draft = Draft(file.title, text, file.tags, decision.published_at, file.slug, language)
        if fields is None:
            parts = Parts(cover=cover) if is_picture_address(cover) else None
            kind = PAGE if source.is_page else ARTICLE
            draft = replace(draft, kind=kind, parts=parts, summary=summary_of(file.summary))
        else:
            kind, text, parts = self._fields_of(source, text, cover, decision)
            draft = replace(draft, text=text, kind=kind, parts=parts)
            draft = replace(draft, summary=fields.summary, visibility=fields.visibility)
        return replace(draft, outline=outline_of(draft))

    def _with_pictures(self, source: Source, decision: Decision) -> tuple[str, str]:
        """Return the text and the cover of a file with the addresses that their pictures have here."""
        file = source.file
        if self.exported is None or source.fields is None:
            found = self.pictures.bring(source.path, file)
            decision.missing = self.pictures.problems
            return found
        cover = self.exported.media.readdressed(file.cover)
        missing = self.exported.media.missing_in(file.text, cover)
        decision.missing = [Doubt(f"there is no file {address}") for address in missing]
        return file.text, cover

    def _fields_of(self, source: Source, body: str, cover: str, decision: Decision) -> tuple[str, str, Parts]:
        kind = kind_of(source.fields, is_page=source.is_page)
        if source.fields and (found := source.fields.content_of(kind, body, cover)):
            return found
        decision.doubts.append(Doubt(f"its text is no {kind} any more, so it became an article"))
        return ARTICLE, body, Parts(cover=cover if is_picture_address(cover) else "")


def as_stored(source: Source) -> MarkdownFile:
    """Return a file with the text that its post has: that of a quote has no > before its lines."""
    if source.fields is None:
        return source.file
    kind = kind_of(source.fields, is_page=source.is_page)
    found = source.fields.content_of(kind, source.file.text, source.file.cover)
    return replace(source.file, text=found[1]) if found else source.file
