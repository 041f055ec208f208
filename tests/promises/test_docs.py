"""The docs are complete: every command, option and setting is in them, and every link works."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po
from flask_rewind import database_commands
from flask_rewind.cli import commands as schema_commands
from qingbo.cli import main
from qingbo.config import Settings
from qingbo.version import __version__

ROOT = Path(__file__).parents[2]
COMMANDS = (ROOT / "docs/reference/commands.md").read_text()
BLOG, SCHEMA = COMMANDS.split("\n## ")[1:3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/*.md")])


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group) and name != "db":
            yield from leaves(command, f"{before}{name} ")
        elif name != "db":
            yield f"{before}{name}", command


BOTH = pytest.mark.parametrize(("group", "text"), [(main, BLOG), (schema_commands, SCHEMA)], ids=["qingbo", "db"])


@BOTH
def test_every_command_and_option_is_documented(group: click.Group, text: str) -> None:
    for name, command in leaves(group):
        row = re.search(rf"^\| `{re.escape(name)}` \|.*$", text, re.MULTILINE)
        assert row, f"{name} is not in docs/reference/commands.md"
        for parameter in command.params:
            wanted = parameter.opts if isinstance(parameter, click.Option) else []
            missing = [option for option in wanted if option not in row[0] and option not in {"-d", "--directory"}]
            assert not missing, f"{name}: {missing}"


@BOTH
def test_nothing_is_documented_that_is_not_there(group: click.Group, text: str) -> None:
    documented = re.findall(r"^\| `([^`]+)` \| .*\|.*\|$", text, re.MULTILINE)
    assert set(documented) == {name for name, _ in leaves(group)}


def test_the_options_of_the_group_are_documented() -> None:
    for parameter in database_commands().params:
        assert all(f"`{', '.join(parameter.opts)}`" in COMMANDS for _ in parameter.opts)


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    assert all(f"`{name}`" in page for name in Settings.model_fields)


@pytest.mark.parametrize("name", ["settings.md", "settings.zh-CN.md"])
def test_defaults_of_settings_are_documented(name: str) -> None:
    page = (ROOT / "docs/reference" / name).read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)`(?: ✎)? \| (.*?) ?\|", page, re.MULTILINE))
    in_words = {"menu", "database_url"}
    documented = {name: rows[name].strip("`") for name in Settings.model_fields.keys() & rows.keys() - in_words}
    defaults = {name: _written(Settings.model_fields[name].default) for name in documented}
    assert {name: "" if default in {"none", "无"} else default for name, default in documented.items()} == defaults
    assert len(defaults) > 30


def _written(default: object) -> str:
    if default is None or default == ():
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        named = set(
            re.findall(
                r"\bmake ([a-z-]+)(?=[\s`,.]|$)",
                "\n".join(re.findall(r"`[^`]+`|```.*?```", page.read_text(), re.DOTALL)),
            )
        )
        assert named <= targets, (page, named - targets)


def test_pages_of_the_studio_have_the_names_that_it_shows() -> None:
    source = ROOT / "packages/qingbo/src/qingbo"
    menu = (source / "templates/studio/base.html").read_text(encoding="utf-8")
    english = {str(label) for label in re.findall(r'_\("([^"]+)"\)', menu)}
    with (source / "translations/zh/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    chinese = {str(message.string) for label in english if (message := catalogue.get(label))}
    texts = [page.read_text(encoding="utf-8") for page in PAGES if page.name != "CHANGELOG.md"]
    for start, labels in (("Studio → ", english), ("后台 → ", chinese)):
        named = [after for text in texts for after in text.split(start)[1:]]
        assert len(named) > 5
        assert [after[:20] for after in named if not after.startswith(tuple(labels))] == []


def test_both_packages_and_the_code_say_the_same_version() -> None:
    import flask_rewind

    declared = {
        tomllib.loads((ROOT / f"packages/{name}/pyproject.toml").read_text())["project"]["version"]
        for name in ("qingbo", "flask-rewind")
    }
    assert declared == {__version__} == {flask_rewind.__version__}
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_readmes_show_the_same_picture_and_commands() -> None:
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh-CN.md"))
    for pattern in (r"\]\((docs/images/[^)]+)\)", r"^make \w+"):
        assert re.findall(pattern, english, re.MULTILINE) == re.findall(pattern, chinese, re.MULTILINE) != []


@pytest.mark.parametrize("package", ["flask-rewind/src/flask_rewind", "qingbo/src/qingbo"])
def test_the_map_shows_every_module(package: str) -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    folder = ROOT / "packages" / package
    modules = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    missing = [name for name in sorted(modules) if not name.startswith("__") and not re.search(rf"\b{name}\b", page)]
    assert missing == []


def test_every_row_of_the_security_table_has_a_test_that_exists_or_a_reason() -> None:
    page = (ROOT / "SECURITY.md").read_text()
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    counted = Counter(number.partition(".")[0] for number, _asked, _held in rows)
    # What level 2 asks for, by chapter of OWASP ASVS 4.0.3.
    assert counted == {"2": 53, "3": 18, "4": 9, "5": 30, "7": 12, "8": 15, "9": 7, "11": 8, "12": 15, "13": 13}
    assert set(re.findall(r"`(test_\w+)`", page)) <= _tests_there()


def _tests_there() -> set[str]:
    sources = [path.read_text() for path in [*ROOT.glob("packages/*/tests/**/*.py"), *ROOT.glob("tests/**/*.py")]]
    return set(re.findall(r"^def (test_\w+)", "\n".join(sources), re.MULTILINE))


def test_every_claim_of_what_happens_when_it_breaks_has_a_test_that_exists() -> None:
    page = (ROOT / "docs/explanation/when-it-breaks.md").read_text()
    rows = page.split("| what breaks |")[1].splitlines()[2:]
    assert len(rows) > 8
    assert all("`test_" in row for row in rows)
    assert set(re.findall(r"`(test_\w+)`", page)) <= _tests_there()
