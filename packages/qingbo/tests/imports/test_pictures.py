"""Pictures are imported with their posts, from the folders where each blog engine keeps them."""

import base64
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sample_media as samples
import sqlalchemy as sa
from import_reports import counted, printed
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports import report_text
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import DateFrom, Options
from qingbo.imports.picture_references import with_addresses, without_addresses
from qingbo.imports.report import Item, Report, Topic
from qingbo.media.models import Media
from qingbo.posts.models import Post
from site_imports import written

LAYOUTS: dict[str, dict[str, str]] = {
    "hexo": {
        "_config.yml": "title: x",
        "source/_posts/tea.md": (
            '---\ntitle: Tea\ncover: /images/cover.png\n---\n![a](a.png) {% asset_img b.png 300 200 "A cup" %}\n'
            "![c](/images/c.png)\n![d](../images/d.png)"
        ),
        "source/_posts/tea/a.png": "1",
        "source/_posts/tea/b.png": "2",
        "source/images/c.png": "3",
        "source/images/d.png": "4",
        "source/images/cover.png": "5",
    },
    "hugo": {
        "hugo.toml": "title = 'x'",
        "content/posts/tea/index.md": (
            '+++\ntitle = "Tea"\n[cover]\nimage = "cover.png"\n+++\n![a](a.png "title") <img alt="b" src="img/b.png">\n'
            "![c](/c.png) ![d][d]\n\n[d]: /deep/d%20d.png"
        ),
        "content/posts/tea/a.png": "1",
        "content/posts/tea/img/b.png": "2",
        "content/posts/tea/cover.png": "5",
        "static/c.png": "3",
        "static/deep/d d.png": "4",
    },
    "jekyll": {
        "_config.yml": "title: x",
        "_posts/2024-01-02-tea.md": (
            "---\ntitle: Tea\nimage: /assets/img/cover.png\n---\n![a]({{ site.baseurl }}/assets/img/a.png)\n"
            "![b]({{site.url}}/assets/b.png) ![c](/assets/c.png) ![d](../assets/d.png)"
        ),
        "assets/img/a.png": "1",
        "assets/b.png": "2",
        "assets/c.png": "3",
        "assets/d.png": "4",
        "assets/img/cover.png": "5",
    },
    "zola": {
        "config.toml": "title = 'x'",
        "content/blog/tea/index.md": (
            '+++\ntitle = "Tea"\n[extra]\nx = 1\n+++\n![a](a.png)\n![b](./b.png) ![c](/img/c.png)\n\n![d](/d.png)'
        ),
        "content/blog/tea/a.png": "1",
        "content/blog/tea/b.png": "2",
        "static/img/c.png": "3",
        "static/d.png": "4",
    },
    "obsidian": {
        ".obsidian/app.json": "{}",
        "Notes/tea.md": "# Tea\n\n![[a.png]] ![[b.png|300]]\n![[attachments/c.png|A cup]]\n\n![d](d.png)",
        "attachments/a.png": "1",
        "Notes/b.png": "2",
        "Notes/attachments/c.png": "3",
        "Notes/attachments/d.png": "4",
    },
}
PARTS = {"hexo": "source/_posts", "hugo": "content/posts", "jekyll": "_posts", "zola": "content", "obsidian": "Notes"}


def lay_out(folder: Path, layout: str) -> Path:
    for name, content in LAYOUTS[layout].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".png"):
            path.write_bytes(samples.png(20 + int(content), 20))
        else:
            path.write_text(content)
    return folder


def run(blog: Any, folder: Path, **options: Any) -> Report:
    with writing():
        options.setdefault("date_from", DateFrom.NOW)
        return import_folder(session(), list_files(folder), blog.user("ann"), ZoneInfo("UTC"), Options(**options))


def only_post() -> Post:
    session().rollback()
    return session().scalars(sa.select(Post).where(Post.title == "Tea")).one()


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("part", [False, True], ids=["the whole site", "its posts alone"])
def test_every_picture_that_exists_comes_along(blog: Any, tmp_path: Path, layout: str, part: bool) -> None:
    folder = lay_out(tmp_path / "site", layout)
    report = run(blog, folder / PARTS[layout] if part else folder)
    if (layout, part) == ("obsidian", True):
        assert printed(report, Topic.MISSING) == [f"{folder}/Notes/tea.md, line 3: there is no picture a.png"]
        return
    assert report.about(Topic.MISSING) == []
    assert not report.about(Topic.LEFT_OUT)
    post = only_post()
    shown = re.findall(r"/media/[0-9a-f]{12}/[a-d-]+\.png", post.text)
    assert [address[-5] for address in shown] == list("abcd")
    reader = blog.visitor()
    for address in shown:
        assert reader.get(address).mimetype == "image/png"
    page = reader.read(f"/posts/{post.slug}")
    assert page.count('src="/media/') == 4 + ('class="cover"' in page)
    assert ('class="cover"' in page) == (layout in {"hexo", "hugo", "jekyll"})


def test_again_nothing_changes_and_nothing_is_stored_twice(blog: Any, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "site", "hexo")
    run(blog, folder)
    before = only_post().text
    report = run(blog, folder)
    assert counted(report) == {"unchanged": 1}
    assert report.about(Topic.CHECK) == []
    assert only_post().text == before
    assert session().scalar(sa.select(sa.func.count()).select_from(Media)) == 5


def test_what_is_missing_or_no_picture_is_listed_with_its_line_and_stays_as_it_was(blog: Any, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "broken.png").write_bytes(b"GIF89a nonsense")
    (tmp_path / "secret.png").write_bytes(samples.png(9, 9))
    (folder / "a.md").write_text("# Tea\n\n![x](gone.png)\n![y](broken.png)\n\n![z](../secret.png) ![w](/etc/passwd)\n")
    report = run(blog, folder)
    assert [(remark.line, remark.text) for remark in report.about(Topic.MISSING)] == [
        (3, "there is no picture gone.png"),
        (4, "“broken.png” is damaged or incomplete and can’t be read as GIF."),
        (6, "there is no picture ../secret.png"),
    ]
    assert "3 pictures or files are missing." in list(report_text.summary(report))
    assert only_post().text == "![x](gone.png)\n![y](broken.png)\n\n![z](../secret.png) ![w](/etc/passwd)"
    assert session().scalars(sa.select(Media)).all() == []


def test_linked_files_come_along_too(blog: Any, tmp_path: Path) -> None:
    (tmp_path / "a b.pdf").write_bytes(samples.PDF)
    (tmp_path / "c.png").write_bytes(samples.png(9, 9))
    (tmp_path / "a.md").write_text(
        "# Tea\n\n[x](a%20b.pdf) [y](<a b.pdf>) `[z](a.pdf)` [![](c.png)](a%20b.pdf)\n[w](gone.zip) [v](/a.html)"
    )
    report = run(blog, tmp_path)
    assert [(remark.line, remark.text) for remark in report.about(Topic.MISSING)] == [(4, "there is no file gone.zip")]
    assert (counted(report, Item.ATTACHMENT), counted(report, Item.PICTURE)) == ({"new": 1}, {"new": 1})
    text = only_post().text
    (address,) = set(re.findall(r"\]\((/media/[0-9a-f]{12}/a-b\.pdf)\)", text))
    assert text.count(address) == 3
    assert text.endswith("\n[w](gone.zip) [v](/a.html)")
    assert "`[z](a.pdf)`" in text
    assert blog.visitor().get(address).mimetype == "application/pdf"
    assert counted(run(blog, tmp_path)) == {"unchanged": 1}


def test_a_picture_with_another_ending_than_its_kind_comes_along(blog: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(samples.encoded(samples.picture(30, 20), "WEBP"))
    (tmp_path / "a.md").write_text("# Tea\n\n![x](a.jpg)")
    assert run(blog, tmp_path).about(Topic.MISSING) == []
    assert only_post().text.endswith("/a.webp)")


@pytest.mark.parametrize(
    "text",
    [
        "```\n![a](a.png)\n```",
        "`![a](a.png)`",
        "    ![a](a.png)",
        "![a](https://example.com/a.png)",
        "![a](//example.com/a.png)",
        "![a](data:image/png;base64,AAAA)",
        "![a b](c d) ![a](https://example.com/a.png 'title')",
        "[a](a.html)",
        "![a](a.svg)",
        "{% asset_img %}",
        "![[Another note]]",
    ],
)
def test_what_is_no_local_picture_is_not_asked_for(text: str) -> None:
    assert with_addresses(text, lambda reference: pytest.fail(str(reference))) == text


def test_addresses_are_found_in_all_their_spellings() -> None:
    text = "![a](<my pic.png> \"t\") ![b](x(1).png) ![c](d.png?v=2#x) <img src='e.png'/> ![[f.png]] ![g](h%20i.JPG)"
    seen: list[str] = []
    with_addresses(text, lambda reference: seen.append(reference.path))
    assert seen == ["my pic.png", "x(1).png", "d.png", "e.png", "f.png", "h i.JPG"]
    assert without_addresses("![a](b.png)") == without_addresses("![a](/media/0123456789ab/b.png)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![a](my tea.png)", "![a](/my tea.png)"),
        ("![a](a.png =100x200)", "![a](/a.png)"),
        ("![a](https://example.com/a.png =100x)", "![a](https://example.com/a.png)"),
        ("<img src=a.png width=1>", '<img src="/a.png" width=1>'),
        ("![a](C:\\tea\\a.png)", "![a](/C:/tea/a.png)"),
        ("![a](https://tea.example/b/a.png?x=1)", "![a](//b/a.png)"),
        ("[![a](a.png)](big.png)", "[![a](/a.png)](/big.png)"),
        ('<a href="a.pdf"><video src=a.mp4>', '<a href="/a.pdf"><video src="/a.mp4">'),
        ("![[a.png|100x200]]", "![](/a.png)"),
        ("[a](//tea.example/a.pdf)", "[a](//a.pdf)"),
    ],
)
def test_other_spellings_are_found_and_become_markdown(text: str, expected: str) -> None:
    assert with_addresses(text, lambda found: f"/{found.path}", lambda host: host == "tea.example") == expected


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_whole_addresses_of_the_site_are_found_in_its_folders(blog: Any, tmp_path: Path) -> None:
    cover, text = "https://Tea.example/blog/images/a.png", "![b](/blog/images/b.png) ![c](http://tea.example/c.png)"
    site = {
        "_config.yml": "url: https://tea.example/blog\nroot: /blog/\n",
        "source/_posts/tea.md": f"---\ntitle: Tea\ncover: {cover}\n---\n{text}",
        "source/images/a.png": "1",
        "source/images/b.png": "2",
    }
    report = run(blog, written(tmp_path, site))
    assert [each.text for each in report.about(Topic.MISSING)] == ["there is no picture /c.png"]
    post = only_post()
    assert re.fullmatch(r"!\[b\]\(/media/\w+/b.png\) !\[c\]\(http://tea.example/c.png\)", post.text)
    assert re.search(r'"/media/\w+/a.png"', post.parts or "")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_pictures_inside_a_text_are_stored(blog: Any, tmp_path: Path) -> None:
    data = base64.b64encode(samples.png(21, 20)).decode()
    whole, broken = f"data:image/png;base64,{data}", "data:image/png;base64,AAAAAAAA"
    vector = "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4="
    text = f"![a]({whole}) <img src='{whole}'> ![b]({broken}) ![c]({vector}) ![d][]\n\n[d]: <{whole}>\n\n`{whole}`"
    (tmp_path / "tea.md").write_text(f"# Tea\n\n{text}")
    report = run(blog, tmp_path)
    post, media = only_post(), session().scalars(sa.select(Media)).one()
    address = f"/media/{media.handle}/{media.name}"
    assert post.text == text.replace(f"({whole})", f"({address})").replace(f"'{whole}'", f"'{address}'").replace(
        f"<{whole}>", address
    )
    assert [each.line for each in report.about(Topic.MISSING)] == [3, 3]
    assert counted(report, Item.PICTURE) == {"new": 1}
    assert counted(run(blog, tmp_path)) == {"unchanged": 1}


def test_sizes_stay_in_the_text_of_our_own_export() -> None:
    text = "![a](a.png =1x2) ![b](https://example.com/b.png =1x2)"
    assert with_addresses(text, lambda found: "/m.png", reads_sizes=False) == text.replace("a.png", "/m.png")
