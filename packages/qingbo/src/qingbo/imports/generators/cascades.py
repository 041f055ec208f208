"""What the files of Hugo and Zola inherit from the pages of the sections above them. Pure functions.

Rules: https://gohugo.io/configuration/cascade/ and https://gohugo.io/content-management/front-matter/#cascade-1.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePath

from qingbo.imports.fields import bare_name
from qingbo.imports.metadata import Metadata, Value
from qingbo.imports.withholding import reasons_of

Fronts = Mapping[PurePath, Mapping[str, Value]]
"""The front matter of sections, by their folders."""


def inherited_values(path: PurePath, fronts: Fronts, everywhere: Value) -> dict[str, Value]:
    """Return the values that cascade down to a file; those of the nearest section win.

    Args:
        path: of the file.
        fronts: of the sections of the site.
        everywhere: the cascade in the configuration.
    """
    values: dict[str, Value] = {}
    for cascade in (*(front.get("cascade") for _, front in _above(path, fronts)), everywhere):
        for each in cascade if isinstance(cascade, list) else [cascade]:
            if isinstance(each, dict) and _is_meant(each, path):
                params = each.get("params")
                found = {**each, **(params if isinstance(params, dict) else {})}
                values |= {key: value for key, value in found.items() if key not in values}
    return {key: value for key, value in values.items() if key not in {"target", "_target", "params", "title"}}


def reasons_of_sections(path: PurePath, fronts: Fronts) -> Iterator[str]:
    """Yield why a file is withheld by sections above it: what is in a draft section is not published."""
    for folder, front in _above(path, fronts):
        for reason in reasons_of(Metadata({"draft": front.get("draft")})):
            yield f"it is in the section {folder.name}: {reason}"


def _above(path: PurePath, fronts: Fronts) -> Iterator[tuple[PurePath, Mapping[str, Value]]]:
    is_section = bare_name(path) == "_index"
    parents = list(path.parents)[1:] if is_section else path.parents
    return ((folder, fronts[folder]) for folder in parents if folder in fronts)


def _is_meant(cascade: Mapping[str, Value], path: PurePath) -> bool:
    """Return whether the target of a cascade includes a file. In doubt it does: a cascade may withhold it."""
    target = cascade.get("target") or cascade.get("_target")
    if not isinstance(target, dict):
        return True
    kind, pattern = target.get("kind"), target.get("path")
    if isinstance(kind, str) and kind in {"home", "section", "taxonomy", "term"}:
        return False
    logical = "/" + "/".join(path.with_suffix("").parts[1:])
    if not isinstance(pattern, str) or not pattern or "{" in pattern:
        return True
    bundle = logical.removesuffix("/index").removesuffix("/_index")
    return any(fnmatchcase(each, pattern.lower()) for each in (bundle.lower(), f"{bundle.lower()}/"))
