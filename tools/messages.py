"""Collects the texts of the pages, updates the Chinese catalogue and compiles it (`make messages`).

English is in the source. New texts are added to the catalogue without a translation; a test fails until somebody
translates them.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "packages/qingbo/src/qingbo"
CATALOGUE = SOURCE / "translations/zh/LC_MESSAGES/messages.po"
TEMPLATES = ("templates/**.html", "templates/**.xml", "templates/**.txt")
METHODS = [("**.py", "python"), *((pattern, "jinja2") for pattern in TEMPLATES)]
# Without this option the extractor silently skips templates with unknown tags.
OPTIONS = {
    pattern: {"trimmed": "true", "silent": "false", "extensions": "qingbo.site.keep_tag.KeepTag"}
    for pattern in TEMPLATES
}


def collect() -> Catalog:
    """Return every text of the source, with the files that contain it."""
    template = Catalog()
    # lazy_gettext is also imported as _, so the default keywords find everything.
    for name, _line, text, comments, context in extract_from_dir(SOURCE, METHODS, OPTIONS):
        template.add(text, None, [(name, 0)], auto_comments=comments, context=context)
    return template


def update(catalogue: Path) -> Catalog:
    """Update a catalogue from the source, write it, and return it."""
    with catalogue.open("rb") as file:
        translated = read_po(file, locale="zh")
    translated.update(collect(), no_fuzzy_matching=True)
    translated.obsolete.clear()
    with catalogue.open("wb") as file:
        write_po(
            file, translated, width=110, omit_header=False, include_lineno=False, ignore_obsolete=True, sort_output=True
        )
    return translated


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts of a catalogue that lack a translation, including plural forms."""
    return [str(each.id) for each in catalogue if each.id and not all(_forms(each.string))]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def main() -> None:
    """Update and compile the catalogue."""
    translated = update(CATALOGUE)
    with CATALOGUE.with_suffix(".mo").open("wb") as file:
        write_mo(file, translated)
    missing = untranslated(translated)
    print(f"{len(translated)} texts, {len(missing)} without a translation{':' if missing else '.'}")
    for text in missing:
        print(f"  {text}")


if __name__ == "__main__":
    main()
