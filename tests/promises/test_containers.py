"""The Containerfile and compose.yaml, read by linters: no container engine runs in CI."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from qingbo.cli import main
from qingbo.config import PREFIX, Settings

ROOT = Path(__file__).parents[2]
CONTAINERFILE = ROOT / "deploy/Containerfile"
COMPOSE = ROOT / "deploy/compose.yaml"


@pytest.fixture
def services() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return read


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, CONTAINERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".containerignore").read_text()
    for source in re.findall(r"^COPY (\S+) ", CONTAINERFILE.read_text(), re.MULTILINE):
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


def test_compose_is_valid() -> None:
    read = PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(COMPOSE.read_text())))
    assert read.name == "qingbo"
    assert {"blog", "database", "redis", "upgrade"} == set(read.services)
    with pytest.raises(ValueError, match="prots"):
        PyCompose.from_yaml("services: {blog: {prots: []}}")


def test_what_services_need_is_defined(services: dict[str, Any]) -> None:
    volumes = yaml.safe_load(COMPOSE.read_text())["volumes"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert {volume.partition(":")[0] for volume in service.get("volumes", ())} <= set(volumes)
        if build := service.get("build"):
            assert (COMPOSE.parent / build["context"] / build["dockerfile"]).resolve() == CONTAINERFILE


def test_the_environment_is_made_of_settings(services: dict[str, Any]) -> None:
    given = {
        name.removeprefix(PREFIX).lower(): re.sub(r"\$\{(\w+)[^}]*\}", r"https://\1.example.com", value)
        for name, value in services["blog"]["environment"].items()
        if name.startswith(PREFIX)
    }
    settings = Settings.model_validate(given | {"database_url": "mariadb://qingbo:password@database/qingbo"})
    assert settings.trusted_proxies == 1
    assert settings.redis_url == "redis://redis/0"


def test_the_commands_exist(services: dict[str, Any]) -> None:
    commands = (
        services["upgrade"]["command"][-1] + re.findall(r"^CMD (.*)$", CONTAINERFILE.read_text(), re.MULTILINE)[-1]
    )
    named = set(re.findall(r"qingbo\"?,? \"?(\w+)", commands))
    assert named == {"init", "db", "serve"} <= {*main.commands, "db"}
