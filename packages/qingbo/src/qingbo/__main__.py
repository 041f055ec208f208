"""``python -m qingbo``."""

from qingbo.cli import main

main()
