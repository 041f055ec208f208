"""The patience of a move: what is left of its budget, when it speaks, how long it pauses."""

import logging
import signal
from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
from flask import Flask
from flask_rewind import commands, interrupts
from flask_rewind.results import Move
from flask_rewind.waiting import Patience

MakeApp = Callable[..., Flask]


class Time:
    """A clock that goes on when somebody sleeps, or works."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        """The length of each pause."""

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def patience(self, budget: float) -> Patience:
        return Patience(budget, clock=lambda: self.now, sleep=self.sleep, jitter=lambda low, high: (low + high) / 2)


def tries(time: Time, patience: Patience, seconds: float = 2) -> int:
    """Return how often something is tried that never succeeds and takes so long each time."""
    wait, count = patience.begin(), 0
    while True:
        count += 1
        time.now += seconds
        if not wait.goes_on():
            return count
        began = time.now
        wait.pause("a lock")
        time.slept.append(time.now - began)


def test_a_budget_of_0_means_one_try() -> None:
    time = Time()
    assert tries(time, time.patience(0)) == 1
    assert time.slept == []


def test_pauses_grow_and_the_budget_is_the_end() -> None:
    time = Time()
    patience = time.patience(30)
    assert tries(time, patience) == 7
    assert time.slept == [0.5, 1, 2, 4, 5, 5]
    assert 30 <= time.now - 1000 <= 32
    assert patience.left == 0


def test_the_last_pause_leaves_one_more_try() -> None:
    time = Time()
    assert tries(time, time.patience(2.25)) == 2
    assert time.slept == [0.25]


def test_everything_of_a_move_shares_one_budget() -> None:
    time = Time()
    patience = time.patience(10)
    crossing = patience.begin()
    assert tries(time, patience) == 4
    spent = patience.spent
    assert not crossing.goes_on()
    assert patience.spent == spent  # and not twice
    patience.renew()
    assert patience.left == 60


def test_ctrl_c_ends_a_pause_and_there_is_no_other_try(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()

    def sleep(seconds: float) -> None:
        time.now += seconds
        monkeypatch.setattr(interrupts, "_pending", signal.SIGINT)

    patience = Patience(100, clock=lambda: time.now, sleep=sleep, jitter=lambda low, high: 3)
    wait = patience.begin()
    assert wait.goes_on()
    wait.pause("a lock")
    assert time.now == 1000.25
    assert not wait.goes_on()
    with interrupts.signals_ignored():  # while it is taken back
        monkeypatch.setattr(interrupts, "_pending", signal.SIGINT)
        assert wait.goes_on()


def test_work_before_the_first_try_is_free() -> None:
    time = Time()
    patience = time.patience(10)
    time.now += 100
    wait = patience.begin()
    time.now += 3
    assert wait.goes_on()
    assert patience.left == 7


def test_it_speaks_at_once_and_then_every_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    with caplog.at_level(logging.WARNING, "alembic.runtime.migration"):
        tries(time, time.patience(40))
    assert caplog.messages == [
        "Waiting for a lock. Trying for 38 more seconds.",
        "Still waiting for a lock. Trying for 22 more seconds.",
        "Still waiting for a lock. Trying for 8 more seconds.",
    ]


def test_a_budget_below_0_is_refused() -> None:
    with pytest.raises(flask_rewind.BadRequest, match="The budget is -1 seconds"):
        Patience(-1)


@pytest.mark.parametrize(("given", "seconds"), [("90", 90), ("90s", 90), ("3m", 180), ("0", 0), (None, None)])
@pytest.mark.parametrize("verb", ["upgrade", "downgrade", "checkout"])
def test_the_command_reads_seconds_and_minutes(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, verb: str, given: str | None, seconds: float | None
) -> None:
    def seen(*args: Any, **options: Any) -> Move:
        budgets.append(options["budget"])
        return Move((), {}, {}, ())

    budgets: list[float | None] = []
    monkeypatch.setattr(commands, verb, seen)
    words = [] if given is None else ["--budget", given]
    result = make_app("sqlite://").test_cli_runner().invoke(args=["db", verb, *words])
    assert result.exit_code == 0, result.output
    assert budgets == [seconds]


@pytest.mark.parametrize("given", ["soon", "3h", "-1", "1.5", "", "٣"])
def test_another_length_of_time_is_a_mistake(make_app: MakeApp, given: str) -> None:
    result = make_app("sqlite://").test_cli_runner().invoke(args=["db", "upgrade", f"--budget={given}"])
    assert result.exit_code == 2
    assert "is no length of time. It looks like 90, 90s or 3m." in result.output


@pytest.mark.parametrize("value", [-1, "90", None, True, float("nan")])
def test_the_setting_takes_seconds(make_app: MakeApp, value: Any) -> None:
    with pytest.raises(flask_rewind.BadSetting, match=r"REWIND_BUDGET is "):
        make_app("sqlite://", config={"REWIND_BUDGET": value})
    assert make_app("sqlite://", config={"REWIND_BUDGET": 0.5}).extensions["migrate"].settings.budget == 0.5
