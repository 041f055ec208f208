"""Somebody who follows a page of the docs: types its commands into one shell and writes its files."""

import os
import re
import secrets
import shlex
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from guides import CHECKED
from page_blocks import Block, blocks_of, is_printed

FILES = {"file", "add", "below"}
OPENS_SHELL = "python manage.py shell\n"
"""The ``shell`` blocks after it are what is typed there."""
STARTS_SERVER = re.compile(r"^((?:python manage\.py|qingbo)(?: --home \S+)? serve(?:r)?)(?=\s|$)", re.MULTILINE)
# It runs until the next one starts, or the shell ends.
SERVING = """
serving() {
    if [ -n "$server" ]; then kill $server; wait $server || true; fi
    "$@" >~/server.log 2>&1 </dev/null &
    server=$!
    until (: </dev/tcp/127.0.0.1/$PORT) 2>/dev/null; do
        kill -0 $server 2>/dev/null || { cat ~/server.log; return 1; }
        sleep 0.05
    done
}
"""


class Reader:
    """A shell in which a page is followed.

    Args:
        folder: where the shell starts.
        environment: of the shell.
        port: of the server that the page starts, in place of 5000 or 8080.
        command: what starts the shell.
        sql: the command that reads the SQL of the page.
        replaced: texts of the page and what the test has in their place, such as the port of a database.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        port: int,
        replaced: Mapping[str, str] | None = None,
        sql: str = "",
        command: Sequence[str] = ("bash", "--norc"),
    ) -> None:
        self._folder = folder
        self._port = port
        self._sql = sql
        ports = {f"127.0.0.1:{usual}": f"127.0.0.1:{port}" for usual in (5000, 8080)} if port else {}
        self._replaced = {**ports, **(replaced or {})}
        self._shell = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.run(f"set -eo pipefail\nPORT={port}\n{SERVING}")

    def follow(
        self, page: Path, *, without: Iterable[str] = (), first: Mapping[str, str] | None = None, last: str = ""
    ) -> None:
        """Follow a page from top to bottom.

        Args:
            page: with blocks as `page_blocks` describes them.
            without: beginnings of blocks that are left out.
            first: commands before a block, by its beginning; before the page for "".
            last: commands after the page.
        """
        first = dict(first or {})
        self.run(self._replace(first.pop("", "true")))
        passed = (OPENS_SHELL, *without)
        left = [block for block in blocks_of(page) if not block.text.startswith(passed)]
        while left:
            block = left.pop(0)
            for commands in [commands for start, commands in first.items() if block.text.startswith(start)]:
                self.run(self._replace(commands))
            if block.language in CHECKED and not block.role:
                continue
            if block.role in FILES:
                self._write(block)
                continue
            typed = [block]
            while block.role == "shell" and left and (left[0].role == "shell" or left[0].language == "text"):
                typed.append(left.pop(0))
            if block.language == "sh" and left and left[0].language == "text":
                typed.append(left.pop(0))
            output = self._type([each for each in typed if each.language != "text"])
            wanted = self._replace("".join(each.text for each in typed if each.language == "text"))
            assert is_printed(wanted, output), f"{page}:{block.line} printed\n{output}\ninstead of\n{wanted}"
        self.run(self._replace(last or "true"))

    def run(self, commands: str) -> str:
        """Return what commands print, and fail if one of them fails."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        mark = f"done-{secrets.token_hex(8)}"
        self._shell.stdin.write(f"{{ {commands}\n}} </dev/null\necho; echo {mark}\n")
        self._shell.stdin.flush()
        lines: list[str] = []
        for line in self._shell.stdout:
            if line == f"{mark}\n":
                return "".join(lines)
            lines.append(line)
        raise AssertionError(f"this failed:\n{commands}\n{''.join(lines)}")

    def close(self) -> None:
        """End the shell and all that it started."""
        os.killpg(self._shell.pid, signal.SIGKILL)
        self._shell.communicate()

    def _write(self, block: Block) -> None:
        """Write a file by way of the shell, which may see other files than this process."""
        name = shlex.quote(self._replace(block.name))
        old = self.run(f"cat {name}").removesuffix("\n") if block.role != "file" else ""
        new = self._replace(block.written_into(old))
        self.run(f"mkdir -p $(dirname {name})\ncat > {name} <<'END_OF_FILE'\n{new}END_OF_FILE")

    def _type(self, blocks: Sequence[Block]) -> str:
        text = self._replace("".join(block.text for block in blocks))
        first = blocks[0]
        if first.role == "shell":
            output = self.run(f"python manage.py shell 2>&1 <<'END_OF_SHELL'\n{text}END_OF_SHELL")
            assert "Traceback" not in output, output
            return re.sub(r"^(?:>>> |\.\.\. )+", "", output, flags=re.MULTILINE)
        if first.language == "sql":
            return self.run(f"{self._sql} <<'END_OF_SQL'\n{text}END_OF_SQL")
        assert first.language == "sh", f"line {first.line}: what does a reader do with {first.language}?"
        return self.run(STARTS_SERVER.sub(rf"serving \1 --port {self._port}", text))

    def _replace(self, text: str) -> str:
        for old, new in self._replaced.items():
            text = text.replace(old, new)
        return text
