"""Photographs every page in both languages, light and dark, on a phone and on a desk (`make screenshots`).

The pictures go to ``screenshots/``, which git ignores; public pages are also photographed in the other themes. Pictures
for the README also go to ``docs/images/``, and components for docs/design.md to ``docs/images/design/``. Arguments name
the only pages to photograph: ``tools/screenshots.py home post``.
"""

import itertools
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from chromium import MISSING, chromium, program  # noqa: E402 - shared with the tests
from every_page import SIGHTS, LivedIn, Sight, lived_in  # noqa: E402

TARGET = ROOT / "screenshots"
IMAGES = ROOT / "docs/images"
LOCALES = {"zh": "zh-CN", "en": "en-US"}
SCHEMES = ("light", "dark")
SIZES = {390: 844, 1280: 900}
SHOWN = {
    "home.png": "home-zh-light-1280.png",
    "post-dark.png": "post-en-dark-390.png",
    "studio.png": "studio-comments-en-light-1280.png",
}
"""The pictures of the README, by their names there."""

THEMES = ("serif", "pictures")
THEMED = {"home", "post", "post-zh", "post-long", "post-pictures", "post-photos", "tag", "archive-year"}

PARTS = {
    "header": ("/", ".site-header"),
    "lead": ("/", ".lead"),
    "article": ("/", ".entry.article"),
    "note": ("/", ".entry.note"),
    "photos": ("/", ".entry.photos"),
    "quote": ("/", ".entry.quote"),
    "link": ("/", ".entry.link"),
    "contents": ("/posts/long", ".columns"),
    "form": ("/posts/long", ".comment-form"),
    "table": ("/posts/long", ".prose table"),
    "empty": ("/archive/1999", ".empty"),
    "message": ("/login", ".notice"),
}
"""The components in docs/design.md: the page, and the element on it."""
HIGHEST_PART = 560


def main() -> None:
    """Serve a blog with sample content and photograph it."""
    if program() is None:
        sys.exit(f"There is {MISSING}")
    wanted = sys.argv[1:]
    if unknown := set(wanted) - {sight.name for sight in SIGHTS}:
        sys.exit(f"There is no page {', '.join(sorted(unknown))}. There are: {', '.join(each.name for each in SIGHTS)}")
    sights = [sight for sight in SIGHTS if not wanted or sight.name in wanted]
    TARGET.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        lived_in(Path(folder) / "blog", browser) as blog,
    ):
        photograph_looks(blog, sights)
        if not wanted:
            photograph_parts(blog)
        for theme in THEMES:
            choose(blog, theme)
            photograph_looks(blog, [sight for sight in sights if sight.name in THEMED], f"{theme}-")
    for name, source in SHOWN.items():
        if (TARGET / source).exists():
            shutil.copy(TARGET / source, IMAGES / name)
    print(f"They are in {TARGET}.")


def photograph_looks(blog: LivedIn, sights: list[Sight], prefix: str = "") -> None:
    """Photograph pages in both languages, light and dark, on a phone and on a desk."""
    for language, scheme, width in itertools.product(LOCALES, SCHEMES, SIZES):
        photograph(blog, sights, language, scheme, width, prefix)
        print(f"{prefix}{language} {scheme} {width}: {len(sights)} pages")


def choose(blog: LivedIn, theme: str) -> None:
    """Give the blog a theme, as the studio does."""
    with closing(sqlite3.connect(blog.blog.home / "qingbo.db")) as database:
        database.execute("INSERT OR REPLACE INTO site_settings (name, value) VALUES ('theme', ?)", (f'"{theme}"',))
        database.commit()


def photograph_parts(blog: LivedIn) -> None:
    """Photograph the components for docs/design.md."""
    target = IMAGES / "design"
    target.mkdir(exist_ok=True)
    context = blog.context(signed_in=False, locale="en-US", viewport={"width": 1100, "height": 900})
    page = context.new_page()
    for name, (path, selector) in PARTS.items():
        page.goto(blog.blog.url + path)
        if name == "message":
            next(sight for sight in SIGHTS if sight.name == "sign-in-refused").show(page, blog.blog.url)
        part = page.locator(selector).first
        part.scroll_into_view_if_needed()
        if box := part.bounding_box():
            clip = {**box, "height": min(box["height"], HIGHEST_PART)}
            page.screenshot(path=target / f"{name}.png", clip=clip)  # type: ignore[arg-type]
    context.close()


def photograph(blog: LivedIn, sights: list[Sight], language: str, scheme: str, width: int, prefix: str = "") -> None:
    """Photograph pages in one look: whole pages on a phone, the visible part on a desktop."""
    for signed_in in (False, True):
        chosen = [sight for sight in sights if sight.signed_in == signed_in]
        if not chosen:
            continue
        context = blog.context(
            signed_in=signed_in,
            locale=LOCALES[language],
            color_scheme=scheme,
            viewport={"width": width, "height": SIZES[width]},
        )
        for sight in chosen:
            page = context.new_page()
            sight.show(page, blog.blog.url)
            target = TARGET / f"{prefix}{sight.name}-{language}-{scheme}-{width}.png"
            page.screenshot(path=target, full_page=sight.name != "home")
            page.close()
        context.close()


if __name__ == "__main__":
    main()
