"""Reading export files of WordPress: what is refused, and with which line."""

import tracemalloc
from pathlib import Path

import pytest
from qingbo.imports.bad_file import BadFile
from qingbo.imports.wordpress.export_file import records
from qingbo.imports.wordpress.overview import read_overview
from wordpress_files import WordPress


def refusal(path: Path, content: str | bytes) -> tuple[int | None, str]:
    path = path / "blog.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BadFile) as error:
        list(records(path))
    return error.value.line, str(error.value)


def whole() -> str:
    wordpress = WordPress()
    wordpress.item(1, "One", "text")
    wordpress.item(2, "Two", "text")
    return str(wordpress)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("</channel>", "</chanel>", 16, "mismatched tag"),
        ("</rss>", "", 18, "no element found"),
        ("<title>One", "<title>a & b", 14, "invalid token"),
        ("<wp:wxr_version>1.2</wp:wxr_version>", "", 1, "is not a WordPress export"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    found, why = refusal(tmp_path, whole().replace(old, new))
    assert (found, reason in why) == (line, True), why


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd">',
        "<!DOCTYPE rss>",
    ],
)
def test_entities_and_document_types_are_refused(tmp_path: Path, declared: str) -> None:
    line, why = refusal(tmp_path, whole().replace("<!-- generator", f"{declared}\n<!-- generator"))
    assert (line, "declares a DTD or entities" in why) == (2, True)


def test_deep_nesting_and_endless_items_are_refused(tmp_path: Path) -> None:
    deep = whole().replace("<title>One</title>", "<a>" * 100 + "</a>" * 100)
    assert "nested more than" in refusal(tmp_path, deep)[1]
    long = whole().replace("<title>One</title>", f"<title>{'x' * 20_000_001}</title>")
    assert "more than 20000000 characters" in refusal(tmp_path, long)[1]


def test_control_characters_in_a_text_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "blog.xml").write_text(whole().replace("[text]", "[te\x08\x0bxt]"))
    texts = [each.value("content:encoded") for each in records(tmp_path / "blog.xml") if each.name == "item"]
    assert texts == ["text", "text"]


def test_authors_who_are_not_listed_are_found_in_their_posts(tmp_path: Path) -> None:
    (tmp_path / "blog.xml").write_text(whole().replace("export/1.2/", "export/1.0/"))
    assert list(read_overview(tmp_path / "blog.xml").people) == ["ann"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        wordpress = WordPress()
        for number in range(count):
            wordpress.item(number, "Title", "text " * 2000)
        (tmp_path / "blog.xml").write_text(str(wordpress))
        del wordpress
        tracemalloc.start()
        try:
            for _ in records(tmp_path / "blog.xml"):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(800) < peak(80) + 1_000_000
