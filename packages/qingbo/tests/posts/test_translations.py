"""Translations of a post refer to each other."""

import re
from datetime import timedelta
from typing import Any

import pytest
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.bin import delete_post
from qingbo.posts.models import PostVersion

pytestmark = pytest.mark.sqlite_first


def alternates(blog: Any, slug: str) -> dict[str, str]:
    page = blog.visitor().get(f"/posts/{slug}").text
    found = re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page)
    assert len(dict(found)) == len(found)
    return dict(found)


def save(blog: Any, post: str, **fields: str) -> Any:
    """Save the form of a post with its text as it is."""
    return blog.visitor("ann").send(f"/posts/{post}/edit", **({"title": post.title(), "text": "Text."} | fields))


@pytest.fixture
def three(blog: Any) -> Any:
    """A blog with a text in three languages."""
    ann = blog.user("ann")
    for slug, language in (("tea", "en"), ("cha", "zh-Hans"), ("tee", "de")):
        blog.post(slug.title(), author=ann, slug=slug, language=language)
    return blog


@pytest.mark.parametrize("named", ["cha, tee", "/posts/cha http://localhost/posts/tee/", "cha，tee、cha"])
def test_a_post_names_its_translations_and_they_name_it_and_one_another(three: Any, named: str) -> None:
    assert alternates(three, "tea") == {}
    answer = save(three, "tea", language="en", translations=named)
    assert answer.status_code == 303, answer.text
    everything = {"en": "/posts/tea", "zh-Hans": "/posts/cha", "de": "/posts/tee"}
    for slug in ("tea", "cha", "tee"):
        assert alternates(three, slug) == everything
    page = three.visitor().read("/posts/tea")
    assert '<a href="/posts/cha" rel="alternate" hreflang="zh-Hans" lang="zh-Hans">简体中文</a>' in page
    assert 'name="translations" ' in three.visitor("ann").read("/posts/cha/edit")
    assert 'value="tea, tee"' in three.visitor("ann").read("/posts/cha/edit")


def test_a_post_that_is_no_longer_named_lets_go_too(three: Any) -> None:
    save(three, "tea", language="en", translations="cha, tee")
    save(three, "tea", language="en", translations="cha")
    assert alternates(three, "tea") == {"en": "/posts/tea", "zh-Hans": "/posts/cha"}
    assert alternates(three, "tee") == {"de": "/posts/tee", "zh-Hans": "/posts/cha"}
    save(three, "tea", language="en", translations="")
    assert alternates(three, "tea") == {}


def test_what_is_not_sent_stays_also_through_another_kind_and_address(three: Any) -> None:
    save(three, "tea", language="en", translations="cha")
    save(three, "tea", language="en", text="Changed.", kind="note", slug="green-tea")
    assert alternates(three, "green-tea") == {"en": "/posts/green-tea", "zh-Hans": "/posts/cha"}
    assert alternates(three, "cha") == {"en": "/posts/green-tea", "zh-Hans": "/posts/cha"}
    save(three, "tee", language="de", translations="tea")  # an address that it had before
    assert alternates(three, "tee")["en"] == "/posts/green-tea"


def test_nobody_is_sent_to_a_post_that_they_may_not_read(three: Any) -> None:
    ann = three.user("ann")
    three.post("Später", author=ann, slug="spaeter", language="fr", published_at=now() + timedelta(days=1))
    three.post("Privat", author=ann, slug="privat", language="es", visibility="private")
    save(three, "tea", language="en", translations="cha, spaeter, privat")
    assert alternates(three, "tea") == {"en": "/posts/tea", "zh-Hans": "/posts/cha"}
    with writing():
        from qingbo.posts.queries import find_post
        from qingbo.posts.states import readable

        post = find_post(session(), "cha", readable())
        assert post
        delete_post(session(), post)
        session().commit()
    assert alternates(three, "tea") == {}


@pytest.mark.parametrize("named", ["none", "bens", "cha, none"])
def test_a_post_that_the_writer_may_not_change_is_refused_and_nothing_is_saved(three: Any, named: str) -> None:
    three.post("Ben’s", author=three.user("ben"), slug="bens", language="fr")
    answer = save(three, "tea", language="en", text="Changed.", translations=named)
    assert answer.status_code == 422
    assert "You can’t edit a post with the URL" in answer.text
    assert "Changed." not in three.visitor().read("/posts/tea")
    assert alternates(three, "cha") == {}


def test_two_posts_in_one_language_are_no_translations(three: Any) -> None:
    three.post("Other", author=three.user("ann"), slug="other", language="en")
    save(three, "tea", language="en", translations="other")
    assert alternates(three, "tea") == {}


def test_a_translation_makes_no_version_of_the_other_post_and_refuses_no_save_of_it(three: Any) -> None:
    ann = three.visitor("ann")
    version = re.search(r'name="version"[^>]*value="([^"]+)"', ann.get("/posts/cha/edit").text)
    assert version
    save(three, "tea", language="en", translations="cha")
    before = session().query(PostVersion).count()
    fields = {"title": "Cha", "text": "New.", "language": "zh-Hans", "version": version[1]}
    assert ann.send("/posts/cha/edit", **fields).status_code == 303
    assert session().query(PostVersion).count() == before + 2
    assert alternates(three, "cha") == {"en": "/posts/tea", "zh-Hans": "/posts/cha"}
