from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from qingbo.posts.thinning import versions_to_drop

MOMENT = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)  # a Friday
Made = list[tuple[int, datetime]]


def kept(made: Made, moment: datetime = MOMENT) -> Made:
    dropped = versions_to_drop(made, moment)
    assert dropped <= {number for number, _ in made}
    return [(number, at) for number, at in made if number not in dropped]


def every(step: timedelta, since: timedelta, until: timedelta = timedelta()) -> Made:
    count = (since - until) // step
    return [(number, MOMENT - since + number * step) for number in range(count)]


def ages() -> st.SearchStrategy[Made]:
    # Up to a year old, many of them near the limits.
    near = st.one_of(*(st.integers(max(0, days * 1440 - 90), days * 1440 + 90) for days in (0, 1, 7, 30)))
    minutes = st.one_of(near, st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 24 * 365))
    return st.lists(minutes, max_size=40).map(
        lambda found: [(number, MOMENT - timedelta(minutes=each)) for number, each in enumerate(found)]
    )


def test_every_version_of_the_last_day_stays() -> None:
    made = every(timedelta(minutes=5), timedelta(hours=24))
    assert len(kept(made)) == len(made) == 288


def test_the_last_of_each_hour_stays_for_a_week() -> None:
    made = every(timedelta(minutes=5), timedelta(days=7), timedelta(days=1))
    stay = kept(made)[1:]
    assert {at.minute for _, at in stay[:-1]} == {55}
    assert len(stay) == 6 * 24 + 1  # and the hour that is cut by the limit


def test_the_last_of_each_day_stays_for_a_month() -> None:
    stay = kept(every(timedelta(hours=1), timedelta(days=30), timedelta(days=7)))[1:]
    assert {at.hour for _, at in stay[:-1]} == {23}
    assert len(stay) == 24


def test_the_last_of_each_week_stays_for_ever() -> None:
    stay = kept(every(timedelta(hours=12), timedelta(days=700), timedelta(days=35)))[1:]
    assert {(at.weekday(), at.hour) for _, at in stay[:-1]} == {(6, 19)}
    assert len(stay) == 96


def test_the_newest_and_the_oldest_stay_however_old_they_are() -> None:
    made = [(number, MOMENT - timedelta(days=400, minutes=number)) for number in range(5)]
    assert kept(made) == [made[0], made[-1]]
    assert kept(made[:1]) == made[:1]
    assert kept([]) == []


def test_of_two_versions_of_one_instant_the_one_with_the_higher_id_stays() -> None:
    at = MOMENT - timedelta(days=3)
    first = (1, MOMENT - timedelta(days=10))
    assert kept([(9, at), (8, at), first]) == [(9, at), first]


def test_a_version_from_a_clock_that_runs_ahead_stays() -> None:
    made = [(number, MOMENT + timedelta(minutes=number)) for number in range(5)]
    assert kept(made) == made


def test_hours_and_days_are_those_of_utc_whatever_the_zone_of_a_time() -> None:
    made = every(timedelta(minutes=7), timedelta(days=60))
    shifted = [(number, at.astimezone(timezone(timedelta(hours=5, minutes=45)))) for number, at in made]
    assert versions_to_drop(made, MOMENT) == versions_to_drop(shifted, MOMENT)


@given(ages())
def test_each_version_that_goes_leaves_a_newer_one_near_it(made: Made) -> None:
    stay = kept(made)
    for number, at in made:
        if (number, at) not in stay:
            age = MOMENT - at
            assert age > timedelta(hours=24)
            reach = timedelta(hours=1) if age <= timedelta(days=7) else timedelta(days=1 if age.days < 30 else 7)
            assert any(at <= other < at + reach for _, other in stay)


@given(ages())
def test_the_newest_and_the_oldest_always_stay(made: Made) -> None:
    times = [at for _, at in made]
    stay = [at for _, at in kept(made)]
    assert (min(times, default=None), max(times, default=None)) == (min(stay, default=None), max(stay, default=None))


@given(ages())
def test_the_order_does_not_matter_and_doing_it_twice_changes_nothing(made: Made) -> None:
    assert versions_to_drop(made[::-1], MOMENT) == versions_to_drop(made, MOMENT)
    assert versions_to_drop(kept(made), MOMENT) == set()


@given(ages(), st.lists(st.integers(0, 60 * 24 * 400), max_size=4))
def test_thinning_on_the_way_ends_with_what_the_last_thinning_alone_would_keep(made: Made, minutes: list[int]) -> None:
    # Versions are written while time passes, and each save thins those that are there.
    moments = sorted(MOMENT - timedelta(minutes=each) for each in minutes)
    there: Made = []
    arrived: set[int] = set()
    for moment in [*moments, MOMENT]:
        there += [each for each in made if each[1] <= moment and each[0] not in arrived]
        arrived = {number for number, at in made if at <= moment}
        there = kept(there, moment)
    assert sorted(there) == sorted(kept(made))
