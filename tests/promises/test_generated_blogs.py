"""A blog that the benchmarks generate is like one that people wrote: everything derived from its rows is right."""

from pathlib import Path
from typing import Any

import pytest
from qingbo.clock import now
from qingbo.comments.models import Comment
from qingbo.doctor import examine
from qingbo.extensions import db, session
from qingbo.posts.archive_counts import are_years_right
from qingbo.posts.models import Post, PostTag, Tag
from qingbo.reindexing import count_missing
from sqlalchemy import func, select

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

pytestmark = pytest.mark.slow


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import engines
    import generator

    monkeypatch.setattr(generator, "KEPT", tmp_path)
    assert engines.ENGINES
    return generator


def test_what_is_derived_is_right(generator: Any, database_url: str, engine_name: str) -> None:
    # Without search: with it, the blog's own code writes the index.
    filled = generator.filled_blog(engine_name, 1_000, with_search=False)
    with generator.app_of(filled) as app:
        assert are_years_right(session())
        assert count_missing(session()) == 0
        dated = select(func.count()).where(PostTag.tag_id == Tag.id, PostTag.published_at.is_not(None))
        wrong = select(Tag.name).where(Tag.post_count != dated.scalar_subquery())
        assert session().scalars(wrong).all() == []
        moment = now()
        post = Post(author_id=1, title="", slug="new", text="", excerpt="", created_at=moment, updated_at=moment)
        session().add(post)
        session().flush()
        session().add(Comment(post_id=post.id, text="new", guest_name="guest"))
        session().flush()
        session().rollback()
    findings = list(examine(app))
    with app.app_context():
        db.engine.dispose()
    assert [(each.subject, each.message) for each in findings if each.remedy] == []


def test_the_newest_posts_are_the_same_in_blogs_of_any_size(generator: Any) -> None:
    small, large = generator._Maker(1_000), generator._Maker(1_000_000)
    for maker in (small, large):
        maker._authors, maker._tags, maker._series = [1, 2], list(range(1, 301)), [1]
        maker._slugs, maker._titles, maker._shorts = ["a"], ["A"], [generator._Text("note", "B", "B", "{}")]
        maker._openings, maker._bodies = [("C", "C")], ["D", "E"]
        maker.newest = small.newest
    for number in range(generator.NEWEST):
        rows = [maker._post(number, maker.date(number)) for maker in (small, large)]
        assert rows[0][1:] == rows[1][1:]
