"""An author and an administrator, with two tabs each, write at random: acknowledged text always stays reachable.

CI tries a few histories; ``make prove HISTORIES=2000`` tries that many; ``--hypothesis-seed`` repeats a run.
"""

import json
import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from blogs import forget_attempts, form_on
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from qingbo.attempts import AttemptCount
from qingbo.clock import now
from qingbo.extensions import db, session
from qingbo.posts.models import Post, PostDraft, PostOpening, PostTag, PostVersion, Redirect, Tag
from werkzeug.test import TestResponse

EXAMPLES = int(os.environ.get("REWIND_HISTORIES", "10"))
STEPS = 30
TABS = st.integers(0, 3)
PLACES = st.integers(0, 5)
IN_TITLE, NOWHERE = 4, 5
FIRST = ("Shared", "One. Two. Three. Four.")
LONGEST_HISTORY = timedelta(hours=23)
"""All versions of the last day are kept."""
TABLES = (PostOpening, PostDraft, PostVersion, PostTag, Redirect, Tag, Post)

Text = tuple[str, str]
"""Title and text."""


@dataclass
class Tab:
    """A form that somebody has open."""

    writer: str
    path: str
    form: dict[str, str]
    typed: set[str] = field(default_factory=set)
    """The words that were typed here since it was saved."""
    shown: Text | None = None
    """What the form began with: whoever goes on with a draft replaces it."""

    @property
    def text(self) -> Text:
        return self.form["title"], self.form["text"]

    @property
    def own_words(self) -> set[str]:
        return self.typed & set(re.findall(r"w\d+", " ".join(self.text)))


class Writing(RuleBasedStateMachine):
    """What the writers do, and the texts that must be reachable because of it."""

    def __init__(self, blog: Any) -> None:
        super().__init__()
        self.blog = blog
        session().rollback()
        with db.engine.begin() as connection:
            for table in TABLES:
                connection.execute(sa.delete(table))
        self.clock = time_machine.travel(now(), tick=False)
        self.time = self.clock.start()
        self.passed = timedelta()
        forget_attempts(blog.app)
        with db.engine.begin() as connection:
            connection.execute(sa.delete(AttemptCount))
        self.visitors = {"ann": blog.visitor("ann"), "root": blog.visitor("root", "administrator")}
        self.words = 0
        self.is_something_binned = False
        self.tabs: list[Tab | None] = [None] * 4
        self.saved: set[Text] = {FIRST}
        self.typed: dict[Text, tuple[Tab, str]] = {}
        """The texts that were kept without being saved, each with its tab and writer."""
        blog.post(*FIRST, author=blog.user("ann"))

    def teardown(self) -> None:
        self.clock.stop()

    @rule(number=TABS, which=st.integers(0, 2))
    def open_a_post(self, number: int, which: int) -> None:
        writer = self.writer_of(number)
        slugs = [slug for slug, binned in self.posts_of(writer) if not binned]
        if slugs:
            self.open(number, f"/posts/{slugs[which % len(slugs)]}/edit")

    @rule(number=TABS)
    def begin_a_post(self, number: int) -> None:
        self.open(number, "/posts/new")

    @rule(number=TABS, which=st.integers(0, 4))
    def go_on_with_a_text_that_was_never_saved(self, number: int, which: int) -> None:
        writer = self.blog.user(self.writer_of(number)).id
        mine = (PostDraft.writer_id == writer) & PostDraft.post_id.is_(None)
        if names := session().scalars(sa.select(PostDraft.name).where(mine).order_by(PostDraft.id)).all():
            self.open(number, f"/posts/new?draft={names[which % len(names)]}")

    @rule(number=TABS, place=PLACES)
    def autosave(self, number: int, place: int) -> None:
        tab = self.tab(number, place)
        post = {"post": tab.form["draft"].removeprefix("post-")} if tab.form["draft"].startswith("post-") else {}
        answer = self.send(tab, "/posts/autosave", **post)
        assert answer.status_code in ({200, 409} if post else {200}), answer.text
        self.keep(tab)

    @rule(number=TABS, place=PLACES, action=st.sampled_from(["publish", "draft"]), stays=st.booleans())
    def save(self, number: int, place: int, action: str, stays: bool) -> None:
        tab = self.tab(number, place)
        answer = self.send(tab, tab.path, action=action)
        if answer.status_code == 303:
            self.supersede(tab)
            self.saved.add(tab.text)
            tab.typed.clear()  # they are in a version; another tab may replace them in the post from here on
            if not stays:  # else the writer goes back to the form
                self.tabs[number] = None
            return
        assert answer.status_code == (404 if 'action="/posts/new"' in answer.text else 409), answer.text
        if answer.status_code == 409:
            self.keep(tab)
        else:
            tab.path = "/posts/new"
        words = tab.own_words
        tab.form = form_on(answer.text)
        assert words <= tab.own_words, "the page that refused a save lacks words of it"

    @rule(number=TABS)
    def discard(self, number: int) -> None:
        tab = self.tab(number, NOWHERE)
        answer = self.send(tab, tab.path, action="discard")
        assert answer.status_code in {303, 404}
        if answer.status_code == 303:
            self.supersede(tab)
            self.tabs[number] = None

    @rule(number=TABS, which=st.integers(0, 2))
    def delete(self, number: int, which: int) -> None:
        writer = self.writer_of(number)
        slugs = [slug for slug, binned in self.posts_of(writer) if not binned]
        if slugs:
            path = f"/posts/{slugs[which % len(slugs)]}/delete"
            visitor = self.visitors[writer]
            form = form_on(visitor.get(path).text)
            assert visitor.post(path, data=form, headers=visitor.headers).status_code == 303
            self.is_something_binned = True

    @precondition(lambda self: self.is_something_binned)
    @rule(number=TABS)
    def take_out_of_the_bin(self, number: int) -> None:
        visitor = self.visitors[self.writer_of(number)]
        for post in session().scalars(sa.select(Post.id).where(Post.binned_at.is_not(None))).all():
            answer = visitor.send(f"/posts/deleted/{post}", page="/posts/new")
            assert answer.status_code in {303, 404}

    @rule(minutes=st.sampled_from([1, 6, 61, 600]))
    def wait(self, minutes: int) -> None:
        step = timedelta(minutes=minutes)
        if self.passed + step <= LONGEST_HISTORY:
            self.passed += step
            self.time.shift(step)

    @invariant()
    def every_text_is_reachable(self) -> None:
        session().rollback()
        posts = {(title, text) for title, text in session().execute(sa.select(Post.title, Post.text))}
        versions = {self.text_in(each) for each in session().scalars(sa.select(PostVersion.content))}
        assert self.saved <= posts | versions
        drafts = {
            (writer, self.text_in(content))
            for writer, content in session().execute(sa.select(PostDraft.writer_id, PostDraft.content))
        }
        ids = {writer: self.blog.user(writer).id for writer in self.visitors}
        lost = [text for text, (tab, writer) in self.typed.items() if (ids[writer], text) not in drafts]
        assert not set(lost) - posts - versions

    def writer_of(self, number: int) -> str:
        return "ann" if number < 2 else "root"

    def posts_of(self, writer: str) -> list[tuple[str, bool]]:
        session().rollback()
        statement = sa.select(Post.slug, Post.binned_at.is_not(None)).order_by(Post.id)
        if writer == "ann":
            statement = statement.where(Post.author_id == self.blog.user("ann").id)
        return [(slug, bool(binned)) for slug, binned in session().execute(statement)]

    def open(self, number: int, path: str) -> Tab:
        writer = self.writer_of(number)
        answer = self.visitors[writer].get(path)
        assert answer.status_code == 200, (path, answer.status, answer.location)
        page = answer.text
        tab = Tab(writer, path.partition("?")[0], form_on(page))
        tab.shown = tab.text
        self.tabs[number] = tab
        if not tab.form["text"]:
            tab.form |= {"title": "New", "text": "One. Two. Three. Four."}
            self.type_a_word(tab, 0)
        return tab

    def tab(self, number: int, place: int) -> Tab:
        """Return a tab, opened if it is closed, after somebody typed a word into it."""
        tab = self.tabs[number]
        if tab is None:
            slugs = [slug for slug, binned in self.posts_of(self.writer_of(number)) if not binned]
            tab = self.open(number, f"/posts/{slugs[0]}/edit" if slugs else "/posts/new")
        self.type_a_word(tab, place)
        return tab

    def type_a_word(self, tab: Tab, place: int) -> None:
        """Type a word that is nowhere else, instead of a sentence or the title."""
        if place == NOWHERE:
            return
        self.words += 1
        word = f"w{self.words}"
        tab.typed.add(word)
        if place == IN_TITLE:
            tab.form["title"] = word
        else:
            sentences = tab.form["text"].split(" ")
            sentences[place] = f"{word}."
            tab.form["text"] = " ".join(sentences)

    def send(self, tab: Tab, path: str, **fields: str) -> TestResponse:
        visitor = self.visitors[tab.writer]
        answer: TestResponse = visitor.post(path, data=tab.form | fields, headers=visitor.headers)
        return answer

    def keep(self, tab: Tab) -> None:
        """Note that the server keeps what is in a tab."""
        self.supersede(tab)
        self.typed[tab.text] = tab, tab.writer

    def supersede(self, tab: Tab) -> None:
        """Note that what a tab kept before may go, and the draft that it began with."""
        replaced = (tab.shown,) if tab.shown else ()
        self.typed = {
            text: (owner, writer)
            for text, (owner, writer) in self.typed.items()
            if owner is not tab and not (writer == tab.writer and text in replaced)
        }

    @staticmethod
    def text_in(content: str) -> Text:
        values = json.loads(content)
        return values.get("title", ""), values.get("text", "")


@pytest.mark.slow
@pytest.mark.histories
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_acknowledged_text_is_ever_unreachable(blog: Any) -> None:
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(partial(Writing, blog), settings=chosen)  # type: ignore[arg-type]
