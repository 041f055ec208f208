"""A private Redis server for tests that need one."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from awaiting import LONGEST
from database_servers import free_port, note_engine


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that ends with the tests of this worker."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI") or os.environ.get("REQUIRE_ENGINES"):
            pytest.fail("redis-server is missing: apt-get install redis-server")
        pytest.skip("redis-server is missing; install it to test with Redis")
    folder: Path = tmp_path_factory.mktemp("redis")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder)
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        note_engine("redis", f"Redis {version.partition('v=')[2].partition(' ')[0]}")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    import redis

    end = time.monotonic() + LONGEST
    while True:
        try:
            redis.Redis(port=port).ping()
        except redis.ConnectionError:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"redis-server did not start:\n{(folder / 'log').read_text()}") from None
            time.sleep(0.05)
        else:
            return
