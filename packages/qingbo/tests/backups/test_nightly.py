"""The backup of each night: when it is made, which ones stay, and that the studio lists them."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from awaiting import awaited
from qingbo import doctor
from qingbo.backups import nightly
from qingbo.backups.nightly import begin_if_due, is_due, make_nightly, nightly_backups
from qingbo.backups.places import BY_HAND, place_for
from qingbo.errors import BackupFailed
from qingbo.home import DataFolder

pytestmark = [pytest.mark.slow, pytest.mark.on("sqlite")]

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def folder(blog: Any) -> Iterator[DataFolder]:
    folder: DataFolder = blog.app.extensions["qingbo_home"]
    yield folder
    os.utime(folder.path / "secret_key")


def made(path: Path, moment: datetime) -> None:
    path.touch()
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def at(hour: int, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("last", "moment", "due"),
    [
        (at(2), at(2), False),
        (at(2), at(4), True),
        (at(4), at(23), False),
        (at(4), at(2, 21), False),
        (at(4), at(4, 21), True),
        (at(4, 10), at(2), True),
    ],
)
def test_one_is_due_after_three_in_the_blogs_zone(
    folder: DataFolder, last: datetime, moment: datetime, due: bool
) -> None:
    made(folder.path / "secret_key", at(0, 1))
    made(place_for(folder, nightly.NIGHTLY), last)
    with time_machine.travel(moment, tick=False):
        assert is_due(folder, ZONE) is due


def test_a_new_blog_gets_its_first_one_after_its_first_night(folder: DataFolder) -> None:
    made(folder.path / "secret_key", at(12))
    with time_machine.travel(at(23), tick=False):
        assert not is_due(folder, ZONE)
    with time_machine.travel(at(4, 21), tick=False):
        assert is_due(folder, ZONE)


def test_the_oldest_ones_are_deleted_and_others_stay(folder: DataFolder) -> None:
    by_hand = place_for(folder, BY_HAND)
    made(by_hand, at(4, 1))
    for day in range(1, 6):
        with time_machine.travel(at(4, day)):
            made(place_for(folder, nightly.NIGHTLY), at(4, day))
    made(folder.backups / ".nightly-x.zip.abc", at(4, 1))
    path = make_nightly(folder, kept=3)
    assert path is not None
    assert [each.path.name for each in nightly_backups(folder)] == [
        path.name, "nightly-20261104-203000.zip", "nightly-20261103-203000.zip"
    ]  # fmt: skip
    assert by_hand.exists()
    assert not list(folder.backups.glob(".nightly*"))


def test_the_disk_is_not_filled(folder: DataFolder) -> None:
    before = place_for(folder, nightly.NIGHTLY)
    made(before, at(4))
    os.truncate(before, shutil.disk_usage(folder.path).free + 10**9)  # a file with a hole
    with pytest.raises(BackupFailed, match="MB free, and a backup needs about"):
        make_nightly(folder, kept=3)
    assert [each.path for each in nightly_backups(folder)] == [before]


def test_the_sweep_starts_it_in_a_process_of_its_own(blog: Any, folder: DataFolder) -> None:
    begin_if_due(blog.app)
    made(folder.path / "secret_key", at(0, 1))
    begin_if_due(blog.app)
    assert len(awaited(lambda: nightly_backups(folder))) == 1


def test_the_studio_lists_them_and_the_doctor_misses_them(blog: Any, folder: DataFolder) -> None:
    root = blog.visitor("root", "administrator")
    assert "There are no backups on this server yet." in root.read("/studio/health")
    path = make_nightly(folder, kept=3)
    page = root.read("/studio/health")
    assert f"<code>{path}</code>" in page
    assert "· nightly" in page
    assert f"restore --replace {path}" in page
    found = {each.subject: each for each in doctor.examine(blog.app)}["backups"]
    assert found.message.startswith("last one: ")
    with time_machine.travel(datetime.now(ZONE) + timedelta(days=3)):
        late = {each.subject: each for each in doctor.examine(blog.app)}["backups"]
    assert late.message == "no nightly backup for two days"
    assert "qingbo backup --nightly" in late.remedy
