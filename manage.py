#!/usr/bin/env python3
"""The words of the tutorial: ``python manage.py server``, ``db …``, ``shell``. Finds the project's venv by itself."""

import os
import sys
from pathlib import Path

PYTHON = Path(__file__).resolve().parent / ".venv/bin/python"


def main() -> None:
    """Run the command line of Qingbo, in the project's venv."""
    try:
        from qingbo.__main__ import main as qingbo
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "qingbo" and not PYTHON.exists():
            sys.exit("There is no .venv here yet. Make it with: make run")
        if Path(sys.prefix).resolve() == PYTHON.parent.parent:
            raise
        os.execv(PYTHON, [str(PYTHON), __file__, *sys.argv[1:]])  # noqa: S606 - the same program
    qingbo()


if __name__ == "__main__":
    main()
