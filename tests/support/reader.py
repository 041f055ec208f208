"""Somebody who follows a page of the docs: types its commands into one shell and writes its files."""

import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from page_blocks import Block, blocks_of, is_printed

FILES = {"file", "add", "below"}
OPENS_SHELL = "python manage.py shell\n"
"""The ``shell`` blocks after it are what is typed there."""
STARTS_SERVER = re.compile(r"^python manage\.py server$", re.MULTILINE)


class Reader:
    """A shell in which a page is followed.

    Args:
        folder: where the shell starts.
        environment: of the shell.
        port: of the server that the page starts, in place of 5000.
        command: what starts the shell.
        replaced: texts of the page and what the test has in their place, such as the port of a database.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        port: int,
        replaced: Mapping[str, str] | None = None,
        command: Sequence[str] = ("bash", "--norc"),
    ) -> None:
        self._folder = folder
        self._port = port
        self._replaced = {"127.0.0.1:5000": f"127.0.0.1:{port}", **(replaced or {})}
        self._shell = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.run("set -eo pipefail")

    def follow(self, page: Path, *, without: Sequence[str] = ()) -> None:
        """Follow a page from top to bottom.

        Args:
            page: with blocks as `page_blocks` describes them.
            without: beginnings of ``sh`` blocks that are left out.
        """
        passed = (OPENS_SHELL, *without)
        left = [block for block in blocks_of(page) if not block.text.startswith(passed)]
        while left:
            block = left.pop(0)
            if block.role in FILES:
                self._write(block)
                continue
            typed = [block]
            while block.role == "shell" and left and (left[0].role == "shell" or left[0].language == "text"):
                typed.append(left.pop(0))
            if block.language == "sh" and left and left[0].language == "text":
                typed.append(left.pop(0))
            output = self._type([each for each in typed if each.language != "text"])
            wanted = "".join(each.text for each in typed if each.language == "text")
            assert is_printed(wanted, output), f"{page}:{block.line} printed\n{output}\ninstead of\n{wanted}"

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
        name = shlex.quote(block.name)
        old = self.run(f"cat {name}").removesuffix("\n") if block.role != "file" else ""
        self.run(f"mkdir -p $(dirname {name})\ncat > {name} <<'END_OF_FILE'\n{block.written_into(old)}END_OF_FILE")

    def _type(self, blocks: Sequence[Block]) -> str:
        text = "".join(block.text for block in blocks)
        for old, new in self._replaced.items():
            text = text.replace(old, new)
        if blocks[0].role == "shell":
            output = self.run(f"python manage.py shell 2>&1 <<'END_OF_SHELL'\n{text}END_OF_SHELL")
            assert "Traceback" not in output, output
            return re.sub(r"^(?:>>> |\.\.\. )+", "", output, flags=re.MULTILINE)
        if blocks[0].language != "sh":
            return ""
        if STARTS_SERVER.search(text):
            return self._serve(text)
        return self.run(text)

    def _serve(self, text: str) -> str:
        self.run("kill %% 2>/dev/null && wait %% || true")
        self.run(f"FLASK_SERVER_PORT={self._port} {text.strip()} >server.log 2>&1 &")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return ""
            time.sleep(0.05)
        raise AssertionError(self.run("cat server.log"))
