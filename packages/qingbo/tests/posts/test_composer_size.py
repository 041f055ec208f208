"""The editor's scripts stay small: no framework, and no build step."""

from pathlib import Path

import qingbo

MOST_BYTES = 30_000


def test_the_scripts_of_the_composer_are_at_most_30_kilobytes() -> None:
    scripts = list((Path(qingbo.__file__).parent / "static/js/composer").glob("*.js"))
    assert scripts
    assert sum(script.stat().st_size for script in scripts) <= MOST_BYTES
