"""What was withheld stays withheld, whatever happens to the front matter of an export."""

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from exported_blogs import bring, empty, export
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.report import Topic
from qingbo.posts.bin import bin_post
from qingbo.posts.models import Post
from qingbo.posts.states import State, state_of

pytestmark = pytest.mark.on("sqlite")

EXAMPLES = 40
MORE_EXAMPLES = int(os.environ.get("DAMAGED_EXPORTS", "40"))
SETTINGS = settings(suppress_health_check=list(HealthCheck), phases=[Phase.generate])
KINDS = ("draft", "unpublished", "unlisted", "private", "binned", "later", "unlisted-later", "private-page")
WITHHELD = {State.DRAFT, State.PRIVATE, State.BINNED, State.SCHEDULED}
MAY_BE_READ = {"unlisted": {State.UNLISTED}}
"""What those with the address may read."""


@pytest.fixture
def exported(blog: Any, tmp_path: Path) -> dict[str, str]:
    """Export a post in each state that is not public, and return the texts of the files."""
    blog.user("ann", "administrator")
    to_come = now() + timedelta(days=9 * 365)
    author = blog.user("ann")
    blog.post("draft", author=author, published_at=None, tags=["a"])
    blog.post("unlisted", author=author, visibility="unlisted", series="Tea", summary="short")
    blog.post("private", author=author, visibility="private", kind="quote")
    blog.post("later", author=author, published_at=to_come, tags=["a"])
    blog.post("unlisted-later", author=author, visibility="unlisted", published_at=to_come)
    blog.post("private-page", author=author, visibility="private", kind="page")
    unpublished, binned = blog.post("unpublished", author=author), blog.post("binned", author=author)
    with writing():
        unpublished.set_date(None)
        session().merge(unpublished)
        bin_post(session(), session().get_one(Post, binned.id))
        session().commit()
    export(tmp_path / "out")
    return {path.stem: path.read_text() for path in (tmp_path / "out").glob("p*/*.md")}


DAMAGES: dict[str, Callable[[list[str], int, int, int], list[str]]] = {
    "a line is gone": lambda lines, at, _other, _letter: [*lines[:at], *lines[at + 1 :]],
    "a letter is gone": lambda lines, at, _other, letter: _put(lines, at, lines[at][:letter] + lines[at][letter + 1 :]),
    "two lines changed places": lambda lines, at, other, _letter: _put(_put(lines, at, lines[other]), other, lines[at]),
    "a line is there twice": lambda lines, at, other, _letter: [*lines[:other], lines[at], *lines[other:]],
    "a line is indented": lambda lines, at, _other, _letter: _put(lines, at, f"  {lines[at]}"),
    "a line is not indented": lambda lines, at, _other, _letter: _put(lines, at, lines[at].lstrip()),
    "the first lines are gone": lambda lines, at, _other, _letter: lines[at:],
    "a fence is too much": lambda lines, at, _other, _letter: [*lines[:at], "---", *lines[at:]],
    "the last lines are gone": lambda lines, at, _other, _letter: lines[: at + 1],
    **{
        f"{each!r} is too much": partial(
            lambda mark, lines, at, _other, letter: _put(lines, at, lines[at][:letter] + mark + lines[at][letter:]),
            each,
        )
        for each in "x:#'\"- \t[{\u200b"
    },
}
"""What slips of a hand and bad merges do to the lines of front matter: at a line, with another one, at a letter."""


def _put(lines: list[str], at: int, line: str) -> list[str]:
    return [*lines[:at], line, *lines[at + 1 :]]


def damaged(text: str, data: st.DataObject) -> str:
    """Damage the front matter once."""
    end = text.index("\n---\n", 4)
    lines = text[:end].split("\n")
    at, other = (data.draw(st.integers(0, len(lines) - 1)) for _number in range(2))
    letter = data.draw(st.integers(0, max(0, len(lines[at]) - 1)))
    return "\n".join(DAMAGES[data.draw(st.sampled_from(sorted(DAMAGES)))](lines, at, other, letter)) + text[end:]


@settings(SETTINGS, max_examples=EXAMPLES)
@given(data=st.data())
def test_damage_makes_nothing_public(blog: Any, tmp_path: Path, exported: dict[str, str], data: Any) -> None:
    check_damage(tmp_path, exported, data)


@pytest.mark.slow
@settings(SETTINGS, max_examples=MORE_EXAMPLES)
@given(data=st.data())
def test_much_damage_makes_nothing_public(blog: Any, tmp_path: Path, exported: dict[str, str], data: Any) -> None:
    check_damage(tmp_path, exported, data)


def check_damage(tmp_path: Path, exported: dict[str, str], data: Any) -> None:
    kind, is_whole = data.draw(st.sampled_from(KINDS)), data.draw(st.booleans())
    text = damaged(exported[kind], data)
    empty()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / ("pages" if kind.endswith("page") else "posts") / f"{kind}.md"
        file.parent.mkdir()
        file.write_text(text)
        if is_whole:
            shutil.copy(tmp_path / "out/qingbo.json", folder)
        bring(folder)
    states = {state_of(post) for post in session().scalars(sa.select(Post))}
    assert states <= WITHHELD | MAY_BE_READ.get(kind, set()), text


ONE = "---\ntitle: Tea\ndate: 2020-01-01 10:00\n{more}---\n\nText.\n"


def imported(blog: Any, tmp_path: Path, more: str) -> tuple[Post, list[tuple[Topic, str, int | None]]]:
    blog.user("ann", "administrator")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/tea.md").write_text(ONE.format(more=more))
    report = bring(tmp_path / "in")
    return session().scalars(sa.select(Post)).one(), [(each.topic, each.text, each.line) for each in report.remarks]


@pytest.mark.parametrize(
    ("more", "state", "reason"),
    [
        ("qingbo: {state: published, kind: note}\n", State.PUBLISHED, ""),
        ("qingbo: {kind: note}\n", State.DRAFT, "its state under qingbo cannot be read"),
        ("qingbo: {state: publishd}\n", State.DRAFT, "its state under qingbo cannot be read"),
        ("qingbo: {state: published, visibility: all}\n", State.DRAFT, "its state under qingbo cannot be read"),
        ("qingbo: published\n", State.DRAFT, "its state under qingbo cannot be read"),
        ("qingbo:\nkind: note\n", State.DRAFT, "its state under qingbo cannot be read"),
        ("draft: true\nqingbo: {state: published}\n", State.DRAFT, "draft: true"),
        ("published: false\nqingbo: {state: scheduled}\n", State.DRAFT, "published: false"),
        ("hidden: true\nqingbo: {state: private, visibility: private}\n", State.DRAFT, "hidden: true"),
        ("qingbo: {state: draft}\n", State.DRAFT, "it was a draft"),
        ("qingbo: {state: binned}\n", State.DRAFT, "it was in the bin"),
        ("qingbo: {state: published, visibility: private}\n", State.PRIVATE, ""),
        ("qingbo: {state: private, visibility: public}\n", State.PRIVATE, ""),
        ("qingbo: {state: unlisted, visibility: private}\n", State.PRIVATE, ""),
        ("draft: true\npublished: false\nqingbo: {state: unlisted, visibility: unlisted}\n", State.UNLISTED, ""),
    ],
)
def test_the_narrower_of_two_states_counts(blog: Any, tmp_path: Path, more: str, state: State, reason: str) -> None:
    post, remarks = imported(blog, tmp_path, more)
    assert state_of(post) == state
    assert [text for topic, text, _line in remarks if topic is Topic.DRAFT] == ([reason] if reason else [])


def test_a_state_that_is_written_twice_leaves_the_post_out(blog: Any, tmp_path: Path) -> None:
    blog.user("ann")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/tea.md").write_text(ONE.format(more="qingbo:\n  state: draft\n  state: published\n"))
    report = bring(tmp_path / "in")
    assert [(each.line, each.hint) for each in report.about(Topic.LEFT_OUT)] == [(6, "delete one of them")]
    assert session().scalars(sa.select(Post)).all() == []


def test_what_is_not_understood_is_reported_with_its_line(blog: Any, tmp_path: Path) -> None:
    more = "\n  ".join(
        ["qingbo:", "state: published", "kind: novel", "pinned: soon", "part: -3", "colour: red",
         "created: 2020-01-01 09:00:00+00:00", f"cover_alt: {'x' * 501}", "translations: [a, {b: c}]",
         'source: "a\\0b"', 'link: "a\\ud800b"']
    )  # fmt: skip
    post, remarks = imported(blog, tmp_path, f"{more}\n")
    assert {(text.partition(",")[0], line) for topic, text, line in remarks if topic is Topic.CHECK} == {
        ("qingbo.kind: novel is not valid", 6),
        ("qingbo.pinned: soon is not valid", 7),
        ("qingbo.part: -3 is not valid", 8),
        ("qingbo.colour is not known", 9),
        (f"qingbo.cover_alt: {'x' * 40}… is not valid", 11),
        ("qingbo.translations: ['a'", 12),
        ("qingbo.source: ab is not valid", 13),
        ("qingbo.link: ab is not valid", 14),
    }
    assert (post.kind, post.pinned_at, post.created_at) == ("article", None, datetime(2020, 1, 1, 9, tzinfo=UTC))
    assert state_of(post) == State.PUBLISHED


def test_a_quote_that_was_edited_into_prose_becomes_an_article(blog: Any, tmp_path: Path) -> None:
    post, remarks = imported(blog, tmp_path, "qingbo: {state: published, kind: quote, source: Lu Yu}\n")
    assert (post.kind, post.text) == ("article", "Text.")
    assert [text for _topic, text, _line in remarks] == ["its text is no quote any more, so it became an article"]


def test_a_date_that_is_gone_makes_a_scheduled_post_a_draft(blog: Any, tmp_path: Path) -> None:
    blog.user("ann")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/tea.md").write_text("---\ntitle: Tea\nqingbo: {state: scheduled}\n---\n\nText.\n")
    bring(tmp_path / "in", date_from="now")
    post = session().scalars(sa.select(Post)).one()
    assert (state_of(post), post.published_at) == (State.DRAFT, None)
    assert post.updated_at > now() - timedelta(minutes=5)
