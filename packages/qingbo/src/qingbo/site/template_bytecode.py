"""A cache of compiled templates, like that of compiled modules: compiling those of the home page takes 0.1 s."""

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from qingbo.version import __version__


class TemplateBytecode(FileSystemBytecodeCache):
    """Stores them in ``__pycache__`` beside the templates, or in PYTHONPYCACHEPREFIX.

    Never in the data folder, whose backups may come from anywhere. Like Python, it does without if it cannot write.
    """

    def __init__(self, templates: Path) -> None:
        folder = Path(cache_from_source(str(templates / "template.py"))).parent
        super().__init__(str(folder), f"%s.qingbo-{__version__}.{sys.implementation.cache_tag}.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template from the folder if it is there."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store a template, unless PYTHONDONTWRITEBYTECODE is set."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)
