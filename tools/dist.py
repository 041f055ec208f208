"""Build the sdists and wheels of both packages, each wheel from its unpacked sdist: `make dist`.

It asks no registry: hatchling of the running Python builds. Each step refuses what would make a bad release.
"""

import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import click

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("flask-rewind", "qingbo")
VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), default=ROOT / "dist", help="Where to write. Other files there stay."
)
def main(out: Path) -> None:
    """Build both packages and print the files."""
    version = shared_version()
    out.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        stem = f"{name.replace('-', '_')}-{version}"
        _build("sdist", ROOT / "packages" / name, out)
        with TemporaryDirectory() as folder:
            with tarfile.open(out / f"{stem}.tar.gz") as sdist:
                sdist.extractall(folder, filter="data")
            _build("wheel", Path(folder) / stem, out)
        for path in (out / f"{stem}.tar.gz", out / f"{stem}-py3-none-any.whl"):
            click.echo(f"{path} ({path.stat().st_size // 1024} KiB)")


def shared_version() -> str:
    """Return the version of both packages.

    Raises:
        ClickException: if the packages, `qingbo --version` and the changelog do not agree.
    """
    projects = [ROOT / "packages" / name / "pyproject.toml" for name in PACKAGES]
    found = {path: tomllib.loads(path.read_text("utf-8"))["project"]["version"] for path in projects}
    code = ROOT / "packages/qingbo/src/qingbo/version.py"
    found[code] = VERSION.findall(code.read_text("utf-8"))[0]
    if len({*found.values()}) > 1:
        places = "\n".join(f"  {path.relative_to(ROOT)}: {version}" for path, version in found.items())
        raise click.ClickException(f"Both packages share one version, but it differs:\n{places}\nSet the same in all.")
    version: str = found[code]
    if f"\n## {version} " not in (ROOT / "CHANGELOG.md").read_text("utf-8"):
        raise click.ClickException(f'CHANGELOG.md has no section "## {version} (date)". Write one.')
    return version


def _build(target: str, project: Path, out: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out.resolve())]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"The {target} of {project.name} was not built:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
