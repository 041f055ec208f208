"""All pages of a blog with content, for axe, page weights and screenshots."""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from comment_passes import use_old_pass
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page
from qingbo.accounts.queries import user_named
from qingbo.accounts.roles import ADMINISTRATOR, READER
from qingbo.extensions import session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import DateFrom, Options
from sample_media import MP4, PDF, scenery
from served_blog import ServedBlog, add_users, opened, serve

PASSWORD = "correct horse battery"
POST = "/posts/a-blog-that-fits-in-a-folder"
TWICE = "/posts/two-versions"
"""A draft that was saved twice."""
CARDS = "/posts/links"
LINK = "https://example.com/a-quiet-page"

Way = Callable[[Page, str], None]
"""How a page is reached that has no address of its own, from the blog's address."""


@dataclass(frozen=True)
class Sight:
    """A page as somebody sees it."""

    name: str
    path: str = ""
    signed_in: bool = False
    way: Way | None = None

    def show(self, page: Page, url: str) -> None:
        """Bring the page into the browser."""
        if self.way:
            self.way(page, url)
        else:
            page.goto(url + self.path)


def _refused_sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/login")
    page.locator("[name=name]").fill("nobody")
    page.locator("[name=password]").fill("wrong password")
    page.locator("main button[type=submit]").click()
    page.get_by_role("alert").wait_for()


def _refused_comment(page: Page, url: str) -> None:
    page.goto(f"{url}{POST}")
    page.locator("[name=name]").fill("root")
    page.locator("[name=text]").fill("words")
    page.locator(".comment-form button[type=submit]").click()
    page.get_by_role("alert").wait_for()


def _once_more(page: Page, url: str) -> None:
    # As without JavaScript: no script has fetched a pass.
    page.route("**/comments/pass", lambda route: route.abort())
    page.goto(f"{url}{POST}")
    page.locator("[name=name]").fill("过客")
    page.locator("[name=text]").fill("写得真好。*It really is.*")
    page.locator(".comment-form button[type=submit]").click()
    page.locator(".preview").wait_for()


EVERYTHING = r"""
第一段，==重点==，$E = mc^2$，<font>字</font>，$\wrong$。

[TOC]

## 二

> [!NOTE]
> 正文。

> [!CAUTION]
> Words.

### 三

$$
\begin{align} a + b + c + d + e + f + g + h + i + j + k + l &= m + n + o + p + q + r + s + t + u \\ v &= w \end{align}
$$

茶
: 一种饮料

```python {2} title="tea.py"
print('你好')
print('茶')
```

| 名 | 数 |
|---|--:|
| 茶 | 3 |
"""
"""What the renderer can make of a text."""

PARAGRAPH = (
    "好的排版让人忘记排版。字与字之间留多少空，行与行之间留多少白，都是为了让眼睛不必费力。"
    "A page that is set well is not looked at: it is read. The line is as long as the eye goes without losing its way. "
)
LONG = f"""
{PARAGRAPH}[^one] {PARAGRAPH}

## 一行有多长 How long a line is

*三十六个字左右最好读。* {PARAGRAPH}[^two]

- [x] 三十六个字
- [ ] sixty-eight letters

### 在手机上 On a phone

{PARAGRAPH}{PARAGRAPH}

## 代码 Code

```python title="measure.py"
def characters_in_a_line(width: int, size: int = 18) -> int:
    # A Chinese character is as wide as it is high, so nothing has to be measured: the width of the column is enough.
    return width // size
```

{PARAGRAPH}{PARAGRAPH}

## 表格 Tables

| 字号 size | 行长 line |
|---|--:|
| 16 px | 36 |
| 18 px | 36 |

> {PARAGRAPH}

{PARAGRAPH}

[^one]: 脚注在宽屏上站在正文旁边。A footnote stands beside its line.
[^two]: On a phone it stays below.
"""
"""A text that has contents, footnotes, code, tasks and a table."""


def _preview(page: Page, url: str) -> None:
    page.goto(f"{url}/posts/new")
    page.locator("[name=title]").fill("一篇新文章")
    page.locator("[name=text]").fill(EVERYTHING)
    if (button := page.locator("button[value=preview]")).is_visible():  # on a phone
        button.click()
    page.locator(".preview table").wait_for()


def _kind(kind: str) -> Way:
    def show(page: Page, url: str) -> None:
        page.goto(f"{url}/posts/new")
        page.locator(f"[name=kind][value={kind}] + label").click()
        page.locator("[name=text]").fill("好的落款要用手写。A good signature is written by hand.")
        with page.expect_response("**/posts/autosave"):
            page.keyboard.press("Control+s")

    return show


def _settings(page: Page, url: str) -> None:
    page.goto(f"{url}{POST}/edit")
    switch = page.locator("[data-shows=settings]")
    (switch if switch.is_visible() else page.locator(".settings summary")).click()


def _unsaved(page: Page, url: str) -> None:
    page.goto(f"{url}{POST}/edit")
    page.locator("[name=text]").fill("Changed, and not published yet.")
    with page.expect_response("**/posts/autosave"):
        page.keyboard.press("Control+s")
    page.goto(f"{url}{POST}/edit")


def _refused_post(page: Page, url: str) -> None:
    page.goto(f"{url}/posts/new")
    page.locator("button[value=publish]").click()
    page.get_by_role("alert").wait_for()


def _changed_meanwhile(page: Page, url: str) -> None:
    page.goto(f"{url}{POST}/edit")
    page.locator("[name=version]").evaluate("field => { field.value = 'older'; }")
    page.locator("[name=text]").fill("A shorter text.\n\n一段新的文字。")
    page.locator("button[value=publish]").click()
    page.locator(".saved-version").wait_for()


def _merged(page: Page, url: str) -> None:
    _new_draft(page, url, "A post in two tabs 两个标签页", "一段话。")
    address = f"{page.url}/edit"
    other = page.context.new_page()
    for each in (page, other):
        each.goto(address)
    _save(other, text="一段话。\n\nAnd one more.")
    other.close()
    _save(page, title="A post in two windows 两个窗口")
    page.locator(".notice.done").wait_for()


def _gone(page: Page, url: str) -> None:
    _new_draft(page, url, "A post that somebody deletes 被删的文章")
    page.goto(f"{page.url}/edit")
    other = page.context.new_page()
    _binned(other, page.url.removesuffix("/edit"))
    other.close()
    page.locator("#text").fill("Still being written.")
    _save(page)
    page.locator(".notice.error").wait_for()


def _found(page: Page, url: str) -> None:
    page.goto(f"{url}/posts/new")
    page.route("**/posts/autosave", lambda route: route.abort())
    page.locator("#text").fill("没有送到服务器的一段话。A text that the server never got.")
    page.goto(f"{url}/posts/new")
    page.locator(".found").wait_for()


def _undo(page: Page, url: str) -> None:
    _new_draft(page, url, "An old draft 旧草稿")
    _binned(page, page.url)


def _version(number: int) -> Way:
    def show(page: Page, url: str) -> None:
        page.goto(f"{url}{TWICE}/versions")
        page.locator(".rows a").nth(number).click()
        page.wait_for_url("**/versions/*")

    return show


def _restored(page: Page, url: str) -> None:
    _version(-1)(page, url)
    page.locator("main form.buttons button").click()
    page.locator(".notice.done").wait_for()


def _new_draft(page: Page, url: str, title: str, text: str = "Some words.") -> None:
    page.goto(f"{url}/posts/new")
    _save(page, title=title, text=text)
    page.locator(".post").wait_for()


def _save(page: Page, **fields: str) -> None:
    for name, words in fields.items():
        page.locator(f".composer [name={name}]").fill(words)
    page.locator(".composer button[value=draft]").click()
    page.locator(".post, .notice").first.wait_for()


def _binned(page: Page, address: str) -> None:
    page.goto(f"{address}/delete")
    page.locator("main button.danger").click()
    page.locator(".notice.done").wait_for()


def _app(page: Page, url: str) -> None:
    page.goto(f"{url}/account/two-step")
    page.locator("input[name=setup][value=authenticator] ~ button").click()
    page.locator(".qr").wait_for()


def _codes(page: Page, url: str) -> None:
    page.goto(f"{url}/account/recovery-codes")
    page.locator("button[name=generate_new_codes]").click()
    page.locator(".codes").wait_for()


def _link(page: Page, url: str) -> None:
    page.goto(f"{url}/studio/people/reader")
    page.locator("button[name=kind][value=password]").click()
    page.locator(".notice .key").wait_for()


def _invited(page: Page, url: str) -> None:
    page.goto(f"{url}/studio/invitations")
    page.locator("[name=email]").fill("friend@example.com")
    page.locator("main form button[type=submit]").first.click()
    page.locator(".notice .key").wait_for()


def _other_look(page: Page, url: str) -> None:
    """Try out another look; nobody else sees it."""
    page.goto(f"{url}/studio/appearance")
    page.locator("[name=theme][value=serif]").check()
    page.locator("[name=accent]").fill("#c0392b")
    page.locator("[name=footer_text]").fill("[京ICP备12345678号-1](https://beian.miit.gov.cn/)")
    page.locator("button[value=preview]").click()
    page.locator(".preview-bar").wait_for()


SIGHTS = (
    Sight("home", "/"),
    Sight("post", POST),
    Sight("post-zh", "/posts/hao-de-luo-kuan-yao-yong-shou-xie"),
    Sight("post-long", "/posts/long"),
    Sight("post-pictures", "/posts/pictures"),
    Sight("post-photos", "/posts/photos"),
    Sight("post-cards", CARDS),
    Sight("tag", "/tags/python"),
    Sight("person-page", "/users/qingbo"),
    Sight("tags", "/tags"),
    Sight("archive", "/archive"),
    Sight("archive-year", "/archive/2026"),
    Sight("page", "/about"),
    Sight("series-list", "/series"),
    Sight("series", "/series/tea"),
    Sight("post-in-series", "/posts/tea-1"),
    Sight("search", "/search"),
    Sight("search-found", "/search?q=%E8%90%BD%E6%AC%BE&order=newest"),
    Sight("search-nothing", "/search?q=nothing+%E5%92%96%E5%95%A1&kind=note"),
    Sight("feeds", "/feeds"),
    Sight("feed-opened", "/tags/python/feed.atom"),
    Sight("not-found", "/nothing"),
    Sight("sign-in", "/login"),
    Sight("sign-in-refused", way=_refused_sign_in),
    Sight("sign-in-passkey", "/login/passkey"),
    Sight("register", "/register"),
    Sight("registered", "/register/done"),
    Sight("forgot", "/reset"),
    Sight("confirm-again", "/confirm"),
    Sight("confirm", "/confirm/token"),
    Sight("comment-refused", way=_refused_comment),
    Sight("comment-once-more", way=_once_more),
    Sight("unsubscribe", "/comments/mail/token"),
    Sight("home-signed-in", "/", signed_in=True),
    Sight("post-moderated", POST, signed_in=True),
    Sight("write", "/posts/new", signed_in=True),
    *(Sight(f"write-{kind}", signed_in=True, way=_kind(kind)) for kind in ("note", "photos", "quote", "link")),
    Sight("write-preview", signed_in=True, way=_preview),
    Sight("write-settings", signed_in=True, way=_settings),
    Sight("write-refused", signed_in=True, way=_refused_post),
    Sight("edit", f"{POST}/edit", signed_in=True),
    Sight("edit-unsaved", signed_in=True, way=_unsaved),
    Sight("edit-changed-meanwhile", signed_in=True, way=_changed_meanwhile),
    Sight("edit-merged", signed_in=True, way=_merged),
    Sight("edit-gone", signed_in=True, way=_gone),
    Sight("write-found", signed_in=True, way=_found),
    Sight("versions", f"{TWICE}/versions", signed_in=True),
    Sight("version-differs", signed_in=True, way=_version(-1)),
    Sight("version-now", signed_in=True, way=_version(0)),
    Sight("version-restored", signed_in=True, way=_restored),
    Sight("delete", f"{POST}/delete", signed_in=True),
    Sight("delete-undo", signed_in=True, way=_undo),
    Sight("comment-delete", "/comments/1/delete", signed_in=True),
    Sight("sign-out", "/logout", signed_in=True),
    Sight("profile", "/account", signed_in=True),
    Sight("security", "/account/security", signed_in=True),
    Sight("password", "/account/password", signed_in=True),
    Sight("two-step", "/account/two-step", signed_in=True),
    Sight("two-step-app", signed_in=True, way=_app),
    Sight("recovery-codes", "/account/recovery-codes", signed_in=True),
    Sight("recovery-codes-new", signed_in=True, way=_codes),
    Sight("passkeys", "/account/passkeys", signed_in=True),
    Sight("verify", "/login/again", signed_in=True),
    Sight("studio-posts", "/studio/posts", signed_in=True),
    Sight("studio-media", "/studio/media", signed_in=True),
    Sight("studio-bin", "/studio/posts?state=binned", signed_in=True),
    Sight("studio-comments", "/studio/comments", signed_in=True),
    Sight("studio-comments-found", "/studio/comments?search=Ada", signed_in=True),
    Sight("studio-people", "/studio/people", signed_in=True),
    Sight("studio-person", "/studio/people/reader", signed_in=True),
    Sight("studio-person-link", signed_in=True, way=_link),
    Sight("studio-invitations", "/studio/invitations", signed_in=True),
    Sight("studio-invited", signed_in=True, way=_invited),
    Sight("studio-series", "/studio/series", signed_in=True),
    Sight("studio-series-order", "/studio/series/1", signed_in=True),
    Sight("studio-statistics", "/studio/statistics", signed_in=True),
    Sight("studio-statistics-post", "/studio/statistics/posts/1", signed_in=True),
    Sight("studio-tags", "/studio/tags", signed_in=True),
    Sight("studio-tag", "/studio/tags/1", signed_in=True),
    Sight("studio-menu", "/studio/menu", signed_in=True),
    Sight("studio-settings", "/studio/settings", signed_in=True),
    Sight("studio-appearance", "/studio/appearance", signed_in=True),
    Sight("studio-health", "/studio/health", signed_in=True),
    Sight("studio-import", "/studio/import", signed_in=True),
    Sight("studio-log", "/studio/log", signed_in=True),
    Sight("studio-data", "/studio/data/", signed_in=True),
    Sight("studio-data-rows", "/studio/data/posts/", signed_in=True),
    Sight("studio-data-row", "/studio/data/posts/details/?id=1", signed_in=True),
    Sight("other-look", signed_in=True, way=_other_look),  # the last: its bar is on all pages that follow
)


@dataclass
class LivedIn:
    """A served blog with its sample, an administrator, somebody who waits, and a comment that waits."""

    blog: ServedBlog
    browser: Browser
    windows: int = 0

    def context(self, *, signed_in: bool, **options: object) -> BrowserContext:
        """Return a browser window, signed in as the administrator or not at all."""
        # Each from an address of its own: a guest comments five times a minute at the most.
        self.windows += 1
        headers = {"X-Forwarded-For": f"10.0.0.{self.windows}"}
        context = self.browser.new_context(extra_http_headers=headers, **options)  # type: ignore[arg-type]
        if signed_in:
            page = context.new_page()
            sign_in(page, self.blog.url)
            page.close()
        return context


def sign_in(page: Page, url: str) -> None:
    """Sign in as the administrator."""
    page.goto(f"{url}/login")
    page.locator("[name=name]").fill("root")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"{url}/")


@contextmanager
def lived_in(home: Path, browser: Browser) -> Iterator[LivedIn]:
    """Serve such a blog for the block."""
    with serve(home, "--demo", environment={"QINGBO_TRUSTED_PROXIES": "1"}) as blog:
        add_users(home, PASSWORD, {"root": ADMINISTRATOR, "reader": READER})
        _fill(browser, blog)
        write_cards(blog)
        write_views(blog)
        yield LivedIn(blog, browser)


def _fill(browser: Browser, blog: ServedBlog) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{blog.url}/register")
    for name, text in (("name", "林夏"), ("email", "lin@example.com"), ("password", PASSWORD), ("repeated", PASSWORD)):
        page.locator(f"[name={name}]").fill(text)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/register/done")
    for name, words in (("老周", "备份就是复制，赞。"), ("Ada", "It *just runs*: https://example.com")):
        page.goto(f"{blog.url}{POST}")
        page.locator("[name=name]").fill(name)
        page.locator("[name=text]").fill(words)
        page.locator(".comment-form button[type=submit]").click()
        use_old_pass(page, blog.home)
        page.locator("main button[type=submit]").click()
        page.wait_for_url(re.compile(r"#comment-\d+$"))
    sign_in(page, blog.url)
    _new_draft(page, blog.url, "Two versions", "今天去了西湖，天气很好。 We walked for an hour.")
    page.goto(f"{blog.url}{TWICE}/edit")
    _save(page, text="今天去了太湖，天气不错。 We walked for two hours.")
    write_series(page, blog.url)
    _write_kinds(page, blog)
    _upload(page, blog)
    write_page(page, blog.url)
    context.close()


def _upload(page: Page, blog: ServedBlog) -> None:
    """Write an article with a cover and pictures, and a post of photos, as somebody who is signed in."""
    sizes = ((1600, 900), (1200, 800), (600, 800), (800, 800))
    files = [
        sample_file(f"photo-{width}.jpg", scenery(width, height, 0.46 + 0.06 * place))
        for place, (width, height) in enumerate(sizes)
    ]
    page.goto(f"{blog.url}/posts/new")
    page.locator("[name=title]").fill("雾里走了三天 Three days in the mist")
    page.locator("[name=text]").fill(
        "第一天我们什么也没看见，只听见水声。We saw nothing on the first day, and heard water everywhere."
    )
    page.locator(".settings").evaluate("details => { details.open = true; }")
    page.locator("[name=slug]").fill("pictures")
    page.locator("[name=cover_file]").set_input_files(files[:1])
    page.locator("[name=files]").set_input_files(
        [*files[1:3], sample_file("film.mp4", MP4), sample_file("tea.pdf", PDF)]
    )
    page.locator("button[value=upload]").click()
    page.locator("button[value=publish]").click()
    page.wait_for_url("**/posts/pictures")
    page.goto(f"{blog.url}/posts/new")
    page.locator("[name=kind][value=photos] + label").click()
    page.locator("[name=title]").fill("Photos")
    page.locator("[name=files]").set_input_files(files)
    page.locator("button[value=upload]").click()
    page.locator("button[value=publish]").click()
    page.wait_for_url("**/posts/photos")


def _write_kinds(page: Page, blog: ServedBlog) -> None:
    """Write a long article, a link, a quote and a note, as somebody who is signed in."""
    for kind, fields in (
        ("article", {"title": "How a post is set 排版的一切", "text": LONG}),
        ("link", {"link": LINK, "text": "Worth the ten minutes."}),
        ("quote", {"text": "春风又绿江南岸，明月何时照我还。", "source": "王安石"}),
        ("note", {"text": "今天第一次用**毛笔**写了地址。邮局的人看了很久，说：这个我们收。"}),
    ):
        page.goto(f"{blog.url}/posts/new")
        page.locator(f"[name=kind][value={kind}] + label").click()
        if kind == "article":
            page.locator(".settings").evaluate("details => { details.open = true; }")
            page.locator("[name=slug]").fill("long")
        for name, words in fields.items():
            page.locator(f".composer [name={name}]").fill(words)
        page.locator("button[value=publish]").click()
        page.locator(".post").wait_for()


def write_page(page: Page, url: str) -> None:
    """Write a page, /about, as somebody who is signed in."""
    page.goto(f"{url}/posts/new")
    page.locator("[name=kind][value=page] + label").click()
    page.locator("[name=title]").fill("About")
    page.locator("[name=text]").fill("我们写茶、书和走过的路。\n\nWe write about tea, books and walks.")
    page.locator("button[value=publish]").click()
    page.wait_for_url("**/about")


def write_series(page: Page, url: str) -> None:
    """Write two posts of a series, as somebody who is signed in."""
    for number, title in enumerate(("水 Water", "叶 Leaves"), start=1):
        page.goto(f"{url}/posts/new")
        page.locator("[name=title]").fill(title)
        page.locator("[name=text]").fill("One short part.")
        page.locator(".settings").evaluate("details => { details.open = true; }")
        page.locator("[name=slug]").fill(f"tea-{number}")
        page.locator("[name=series]").fill("Tea")
        page.locator("button[value=publish]").click()
        page.wait_for_url(f"**/tea-{number}")


def sample_file(name: str, content: bytes) -> FilePayload:
    """Return a file for a field of a form."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def write_cards(blog: ServedBlog) -> None:
    """Write a post by root with a card, a link and videos; the card as if its page had been fetched."""
    folder = blog.home.with_name("cards")
    folder.mkdir()
    videos = "https://youtu.be/dQw4w9WgXcQ?t=43\n\nhttps://www.bilibili.com/video/BV1xx411c7mD"
    text = f"Three links.\n\n{LINK}\n\n{videos}\n\nhttps://example.com/not-fetched"
    (folder / "links.md").write_text(f"---\ntitle: Links\nslug: links\ndate: 2026-01-02\n---\n{text}\n")
    with opened(blog.home):
        root = user_named(session(), "root")
        assert root
        import_folder(session(), list_files(folder), root, UTC, Options(date_from=DateFrom.NOW))
    said = ("A quiet page about signatures 好的落款要用手写", "What it says of itself. " * 9, "Example")
    with closing(sqlite3.connect(blog.home / "qingbo.db")) as database:
        database.execute(
            "INSERT INTO link_cards"
            " (address, address_digest, title, description, site_name, asked_at, fetched_at, tries, picture_id)"
            " SELECT ?, ?, ?, ?, ?, '2026-01-02', '2026-01-02', 0, (SELECT min(id) FROM media WHERE kind = 'picture')",
            (LINK, hashlib.sha256(LINK.encode()).hexdigest(), *said),
        )
        database.commit()


def write_views(blog: ServedBlog) -> None:
    """Write views of the last 400 days, as if posts had had readers, some of whom came from other sites."""
    days = "(WITH RECURSIVE n (back) AS (SELECT 0 UNION ALL SELECT back + 1 FROM n WHERE back < 400) SELECT * FROM n)"
    day, views = "date('now', '-' || back || ' days')", "(back * 37) % 101 + 3"
    hosts = "(SELECT 'zhihu.com' host UNION SELECT 'a-very-long-name-of-a-site.of-which.nobody-has-heard.example.com')"
    with closing(sqlite3.connect(blog.home / "qingbo.db")) as database:
        for name, table, numbers in (
            ("post_id", "post", "(SELECT id FROM posts)"),
            ("author_id", "author", "(SELECT 0 id UNION SELECT id FROM users)"),
        ):
            database.execute(
                f"INSERT INTO {table}_views ({name}, day, views) SELECT id, {day}, {views} FROM {numbers}, {days}"
            )
            database.execute(
                f"INSERT INTO {table}_referrers ({name}, day, host, views)"
                f" SELECT id, {day}, host, 1 FROM {numbers}, {days}, {hosts}"
            )
        database.execute(
            "INSERT INTO post_view_months (post_id, month, author_id, views)"
            " SELECT post_id, date(day, 'start of month'), author_id, sum(views)"
            " FROM post_views JOIN posts ON posts.id = post_id GROUP BY 1, 2"
        )
        database.commit()
