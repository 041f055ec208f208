"""Our own export, with all that other programs have no names for. `fields` reads one file, `blog` the whole folder."""
