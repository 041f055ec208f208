"""The editable content of a post as a value. Versions store it, and its digest identifies it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from qingbo.accounts.names import key_of
from qingbo.posts.kinds import Parts
from qingbo.posts.models import Post


@dataclass(frozen=True, slots=True)
class Content:
    """A post as its author wrote it."""

    kind: str
    title: str
    text: str
    parts: Parts
    tags: tuple[str, ...]
    language: str
    summary: str
    visibility: str
    date: datetime | None
    """None for a draft."""

    @classmethod
    def of(cls, post: Post) -> "Content":
        """Return the content of a post, which was read with its tags."""
        return cls(
            post.kind,
            post.title,
            post.text,
            Parts.read(post.parts),
            tuple(tag.name for tag in post.tags),
            post.language or "",
            post.summary or "",
            post.visibility,
            post.date,
        )

    @classmethod
    def read(cls, text: str) -> "Content":
        """Parse the result of `str`."""
        values = json.loads(text)
        date = datetime.fromisoformat(values["date"]) if values["date"] else None
        return cls(**values | {"parts": Parts(**values["parts"]), "tags": tuple(values["tags"]), "date": date})

    def __str__(self) -> str:
        date = self.date.isoformat() if self.date else ""
        return json.dumps(asdict(self) | {"date": date}, ensure_ascii=False)

    @property
    def digest(self) -> str:
        """A digest that ignores the order and spelling of tags."""
        date = self.date.isoformat() if self.date else ""
        said = asdict(self) | {"date": date, "tags": sorted(map(key_of, self.tags))}
        # Empty covers are left out, because posts from before covers keep their digests.
        said["parts"] = {name: value for name, value in said["parts"].items() if value or not name.startswith("cover")}
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
