"""`qingbo` and `flask` without the second that importing takes: a process that has imported them forks for each.

A page of the docs has many commands, and most of the time of each would be imports. The commands in the folder that
`forked_commands` yields hand their arguments, environment, working folder and open files to that process. ``serve``,
which starts other processes, is the installed command.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

_MOST = 2**20
"""More bytes than a request has."""

# It runs without the site's packages, which is quick.
_CLIENT = """#!{python} -ISE
import json, os, socket, sys
if "serve" in sys.argv:
    os.execv({program!r}, sys.argv)
with socket.socket(socket.AF_UNIX) as server:
    server.connect({place!r})
    asked = json.dumps([sys.argv, dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(server, [asked], [0, 1, 2])
    server.shutdown(socket.SHUT_WR)
    sys.exit(int(server.recv(16) or b"1"))
"""


@contextmanager
def forked_commands(folder: Path) -> Iterator[Path]:
    """Yield a folder with `qingbo` and `flask`, to be put on a PATH."""
    place = str(folder / "commands.socket")
    for name in ("qingbo", "flask"):
        client = folder / name
        client.write_text(_CLIENT.format(python=sys.executable, place=place, program=_installed(name)))
        client.chmod(0o755)
    process = subprocess.Popen([sys.executable, __file__, place], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield folder
    finally:
        process.kill()
        process.communicate()


def _installed(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _serve(place: str) -> None:
    """Run commands, each in a child, until this process is killed."""
    import alembic.command  # noqa: F401 - these are for the children
    import qingbo.cli
    from flask.cli import main

    programs: dict[str, Callable[[], object]] = {"qingbo": qingbo.cli.main, "flask": main}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(place)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            client, _ = listening.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _run(client, programs)
            client.close()


def _run(client: socket.socket, programs: dict[str, Callable[[], object]]) -> NoReturn:
    """Run one command as its client would, send its exit code, and end this process."""
    request, files, *_ = socket.recv_fds(client, _MOST, 3)
    while more := client.recv(_MOST):
        request += more
    sys.argv, environment, folder = json.loads(request)
    for wanted, received in enumerate(files):
        os.dup2(received, wanted)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, folder)  # where flask looks for app.py
    code = _code_of(programs[Path(sys.argv[0]).name])
    sys.stdout.flush()
    sys.stderr.flush()
    client.send(str(code).encode())
    os._exit(code)


def _code_of(program: Callable[[], object]) -> int:
    try:
        program()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
            return 1
        return ended.code or 0
    except Exception:  # noqa: BLE001 - the interpreter does the same at the end of a program
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _serve(sys.argv[1])
