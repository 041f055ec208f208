"""The guide for a server, followed to the letter with Debian's nginx and MariaDB, at / and at /blog."""

import os
import site
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from guides import GUIDES
from page_blocks import blocks_of
from reader import Reader
from spare_machine import spare_machine

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/server.md"
DATABASES = ROOT / "docs/how-to/databases.md"
FILES_AND_MAIL = ROOT / "docs/how-to/files-and-mail.md"
SETTINGS = "/srv/qingbo/data/qingbo.toml"

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(900)]

# What a fresh machine has: the packages that `.ci/run` has installed, MariaDB and nginx as Debian starts them, the name
# of the host, and a certificate where certbot would put one. systemd itself cannot run in a container.
FRESH = """
ln -s {root} ~/qingbo 2>/dev/null || true
ln -s {systemctl} /usr/local/bin/systemctl
printf "127.0.0.1 localhost blog.example.com\\n::1 localhost blog.example.com\\n" > /etc/hosts
live=/etc/letsencrypt/live/blog.example.com
mkdir -p $live
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=blog.example.com \\
  -addext subjectAltName=DNS:blog.example.com -keyout $live/privkey.pem -out $live/fullchain.pem 2>/dev/null
export CURL_CA_BUNDLE=$live/fullchain.pem
install -d -o mysql /run/mysqld
rm -rf /var/lib/mysql
install -d -o mysql /var/lib/mysql
mariadb-install-db --user=mysql --skip-test-db >/dev/null
mariadbd --user=mysql >/tmp/mariadb.log 2>&1 &
rm -f /etc/nginx/sites-enabled/*
nginx
until mariadb-admin ping >/dev/null 2>&1; do sleep 0.1; done
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    if missing := [
        name for name in ("nginx", "mariadbd") if which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None
    ]:
        pytest.skip(f"not here: {', '.join(missing)}")
    python = Path(sys.executable).resolve().parent
    environment = {"PATH": f"{python}:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", "HOME": "/root"}
    environment |= {"LANG": "C.UTF-8"}
    if not os.environ.get("INSTALL_FOR_REAL"):
        environment |= {"PYTHONPATH": site.getsitepackages()[0], "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    reader = Reader(Path("/"), environment, port=0, command=spare_machine(tmp_path_factory.mktemp("machine")))
    reader.run(FRESH.format(root=ROOT, systemctl=Path(sys.prefix) / "bin/systemctl3"))
    yield reader
    reader.close()


def test_the_guides_on_one_machine(machine: Reader) -> None:
    machine.follow(PAGE, without=(*GUIDES["docs/how-to/server.md"].without, *(() if which("caddy") else ("caddy",))))
    _is_below_the_path(machine)
    _is_served_to_the_proxy_over_ipv6(machine)
    [install] = [block.text for block in blocks_of(FILES_AND_MAIL) if "pip install" in block.text]
    machine.run(install)
    _databases(machine)


def _is_below_the_path(machine: Reader) -> None:
    # Nobody else on the machine can read the settings.
    assert "Permission denied" in machine.run(f"runuser -u nobody -- cat {SETTINGS} 2>&1 || true")
    assert "qingbo" in machine.run("ps -o user= -C qingbo | sort -u")
    assert "My blog" not in machine.run("curl --silent https://blog.example.com/")
    for protocol in ("--ipv4", "--ipv6"):
        assert "/blog/login" in machine.run(f"curl {protocol} --silent --fail https://blog.example.com/blog/login")
    assert "https://blog.example.com/blog/" in machine.run("curl --silent https://blog.example.com/blog/feed.atom")


def _is_served_to_the_proxy_over_ipv6(machine: Reader) -> None:
    machine.run("sed -i 's|data serve$|data serve --host ::1|' /etc/systemd/system/qingbo.service")
    machine.run("sed -i 's|http://127.0.0.1:8080|http://[::1]:8080|' /etc/nginx/snippets/qingbo.conf")
    machine.run("systemctl daemon-reload; systemctl restart qingbo; systemctl reload nginx")
    assert "/blog/login" in machine.run("curl --retry 9 --silent --fail https://blog.example.com/blog/login")
    assert "connect to 127.0.0.1" in machine.run("curl --silent --show-error http://127.0.0.1:8080/ 2>&1 || true")


def _databases(machine: Reader) -> None:
    """Create each database as the page does. Its rights are enough for every revision, down and up."""
    machine.run("mariadb -e 'DROP DATABASE qingbo; DROP USER qingbo@localhost'")
    machine.run("rm -rf /var/lib/postgresql/* /etc/postgresql/*")
    machine.run("pg_createcluster --start $(ls /usr/lib/postgresql | tail -n 1) main")
    blocks = blocks_of(DATABASES)
    *created, tables = [block.text for block in blocks if block.language == "sh"]
    addresses = [block.text for block in blocks if block.language == "toml"]
    for commands, address in zip(created, addresses, strict=True):
        machine.run(commands)
        machine.run(f"sed -i '/^database_url/d' {SETTINGS}; echo '{address.strip()}' >> {SETTINGS}")
        machine.run(tables)
        move = "runuser -u qingbo -- qingbo --home /srv/qingbo/data db"
        machine.run(f"{move} downgrade -3 && {move} upgrade && {move} check")
