"""`qingbo serve` with several workers: each request may get a different one, and a crashed one is replaced."""

import os
import platform
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest
from awaiting import awaited
from form_client import Client
from qingbo.accounts.roles import AUTHOR
from qingbo.memory import limit_arenas
from qingbo.supervising import MOST_WORKERS, usual_workers
from served_blog import ServedBlog, add_users, serve

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedBlog]:
    home: Path = tmp_path_factory.mktemp("workers") / "blog"
    with serve(home, "--demo", "--workers", "2", environment={"QINGBO_LANGUAGE": "en"}) as blog:
        add_users(home, PASSWORD, {"ann": AUTHOR})
        yield blog


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not bind processes to cores")
def test_there_is_one_worker_for_each_core_of_the_process_up_to_four() -> None:
    cores = os.sched_getaffinity(0)
    assert usual_workers() == min(len(cores), MOST_WORKERS)
    try:
        os.sched_setaffinity(0, {min(cores)})
        assert usual_workers() == 1
    finally:
        os.sched_setaffinity(0, cores)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas for each core")
def test_a_worker_limits_its_arenas() -> None:
    assert limit_arenas()


@pytest.mark.slow
def test_each_worker_answers(blog: ServedBlog) -> None:
    assert len(blog.workers) == 2
    asked = {number: cpu_of(number) for number in blog.workers}
    while any(cpu_of(number) - before < 0.05 for number, before in asked.items()):
        with urlopen(f"{blog.url}/login") as page:
            assert page.status == 200


def cpu_of(number: int) -> float:
    """Return the seconds that a process has worked."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_whoever_signed_in_at_one_worker_goes_on_at_another(blog: ServedBlog) -> None:
    ann = Client(blog)
    ann.get("/login")
    assert ann.send("/login", name="ann", password=PASSWORD) == 303
    for number in range(40):
        assert "Sign out" in ann.get("/posts/new")
        assert ann.send("/posts/new", title=f"Post {number}", text="Text.", action="publish") == 303
        assert f"Post {number}" in ann.get("/")
        assert f"Post {number}" in Client(blog).get("/")


@pytest.mark.slow
def test_a_worker_that_crashes_is_replaced_and_nobody_is_refused(blog: ServedBlog) -> None:
    before = blog.workers
    os.kill(before[0], signal.SIGKILL)
    for _ in range(50):  # what the dead one was to answer waits for the new one
        with urlopen(blog.url) as page:
            assert page.status == 200
    awaited(lambda: len(blog.workers) == 2)
    assert before[1] in blog.workers
    assert before[0] not in blog.workers
    assert re.search("Traceback", blog.output) is None


@pytest.mark.slow
def test_a_flood_of_guesses_meets_one_limit_for_all_workers(blog: ServedBlog) -> None:
    def guess(number: int) -> int:
        client = Client(blog)
        client.get("/login")
        return client.send("/login", name="ben", password=f"guess number {number}")

    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(guess, range(60)))
    minutes = 1 + int((time.monotonic() - begun) / 60)  # on a busy machine
    assert set(codes) == {422, 429}
    assert 10 <= codes.count(422) <= 10 * minutes
