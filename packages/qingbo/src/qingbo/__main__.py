"""``qingbo`` and ``python -m qingbo``."""

import gc


def main() -> None:
    """Run a command.

    The garbage collector is off during the import and ignores the imported objects afterwards. They live until the end
    of the process, and scanning them takes a third of the time of a short command.
    """
    gc.disable()
    from qingbo.cli import main as run

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
