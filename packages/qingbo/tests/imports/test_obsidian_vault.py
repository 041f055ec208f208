"""What only an Obsidian vault can show."""

from pathlib import Path

from site_imports import site_files, written


def test_what_the_digital_garden_keeps_is_withheld_and_tags_lose_their_mark(tmp_path: Path) -> None:
    note = '---\ndate: 2024-01-01\ndg-publish: %s\ntags: ["#tea", c#, "#"]\n---\ntext\n'
    vault = {".obsidian/app.json": "{}", "kept.md": note % "false", "shown.md": note % "true"}
    files = site_files(written(tmp_path, vault))
    assert {name: each.file.withheld for name, each in files.items()} == {
        "kept.md": ("dg-publish: false",),
        "shown.md": (),
    }
    assert files["shown.md"].file.tags == ["tea", "c#", "#"]
