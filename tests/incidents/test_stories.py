"""The made-up cases: the same for the same input, possible by the workflow, at any time of day."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from gridmap import denylist
from gridmap.localtime import ZONE
from incidents import catalogue, clock, stories, story_texts, workflow
from incidents.catalogue import CASE_MIX
from incidents.workflow import Action, State

CELLS = [f"990101001001{n:03}" for n in range(1, 6)]
TAGS = sorted({tag for tags, _ in story_texts.SCENES.values() for tag in tags})
TEAMS = {"综合执法": "law", "环卫": "clean", "市政": "works", "园林": "green", "供水": "water"}


@dataclass(frozen=True)
class Spot:
    tag: str
    cell: str
    lon: float = 105.44
    lat: float = 28.88
    address: str = "某处"


def setting(now: datetime) -> stories.Setting:
    cast = stories.Cast(
        workers={cell: f"worker{i}" for i, cell in enumerate(CELLS)}, acceptors=["a1", "a2"], dispatchers=["d1"], director="boss",
        handlers={code: [f"{code}1", f"{code}2"] for code in TEAMS.values()}, departments=TEAMS,
    )  # fmt: skip
    classes = {row.key: row for row in catalogue.read_classes()}
    return stories.Setting(
        now, classes, [Spot(tag, cell) for tag in TAGS for cell in CELLS], cast, clock.Calendar.shipped()
    )


NOWS = {
    "a working morning": datetime(2026, 11, 18, 2, 30, tzinfo=UTC),
    "a Saturday night": datetime(2026, 11, 21, 17, 0, tzinfo=UTC),
    "the end of a long holiday": datetime(2026, 10, 7, 9, 0, tzinfo=UTC),
    "a minute after midnight": datetime(2026, 3, 3, 16, 1, tzinfo=UTC),
}


@pytest.fixture(scope="module", params=NOWS.values(), ids=list(NOWS))
def now(request: pytest.FixtureRequest) -> datetime:
    moment: datetime = request.param
    return moment


@pytest.fixture(scope="module")
def told(now: datetime) -> list[stories.Story]:
    return stories.tell(setting(now))


def _final(story: stories.Story) -> State:
    state = State.CLOSED if story.self_handled else State.REPORTED
    for taken in story.steps:
        row = workflow.step(taken.action, state, outcome=taken.outcome)
        state = row.target or state
    return state


def test_equal_input_gives_equal_stories(now: datetime, told: list[stories.Story]) -> None:
    assert stories.tell(setting(now)) == told
    assert stories.tell(setting(now), seed=2) != told


def test_each_step_is_one_the_workflow_has_and_each_stage_is_there_now(told: list[stories.Story]) -> None:
    standing = Counter(map(_final, told))
    rare = {State.PROCESSING, State.WAITING, State.REFUSED, State.SUSPENDED, State.MERGED, State.RETRACTED}
    assert set(standing) == set(State) - rare  # of matters, mistakes, and what stands still
    assert 45 <= sum(standing[state] for state in workflow.OPEN) <= 80


def test_time_goes_forward_and_ends_now(now: datetime, told: list[stories.Story]) -> None:
    for story in told:
        moments = [story.reported_at, *(taken.at for taken in story.steps)]
        assert moments == sorted(moments)
        assert moments[-1] < now
    assert now - told[0].reported_at < timedelta(days=stories.DAYS + 1)
    assert now - told[0].reported_at > timedelta(days=stories.DAYS - 2)


def test_there_are_as_many_as_a_street_has_in_three_weeks(told: list[stories.Story]) -> None:
    assert 600 <= len(told) <= 900
    assert len({story.id for story in told}) == len(told)
    assert all(story.id.version == 7 for story in told)


def test_eight_classes_make_most_of_the_cases(told: list[stories.Story]) -> None:
    most = {key for key, _ in CASE_MIX[:8]}
    share = sum(story.klass in most for story in told) / len(told)
    assert 0.70 < share < 0.88
    objects = sum(story.klass.domain == "object" for story in told) / len(told)
    assert 0.02 < objects < 0.12


def test_most_is_reported_by_day_with_two_tops(told: list[stories.Story]) -> None:
    before = [story for story in told if story.reported_at < told[-1].reported_at - timedelta(days=1)]
    hours = Counter(story.reported_at.astimezone(ZONE).hour for story in before)
    assert sum(hours[h] for h in (8, 9, 10, 11, 14, 15, 16, 17)) > 0.6 * len(before)
    assert hours[10] > hours[13] < hours[15]
    assert not any(hours[h] for h in (23, 0, 1, 2, 3, 4, 5))


def test_who_repaired_does_not_check_and_reports_of_citizens_are_verified_first(told: list[stories.Story]) -> None:
    for story in told:
        handlers = {t.actor for t in story.steps if t.action is Action.HANDLE}
        checkers = {t.actor for t in story.steps if t.action is Action.VERIFY_REPAIR}
        assert not handlers & checkers
        if story.source in stories.CITIZENS and any(t.action is Action.FILE for t in story.steps):
            assert story.steps[1].action is Action.VERIFY_REPORT


def test_each_case_happens_where_such_things_happen(told: list[stories.Story]) -> None:
    for story in told:
        domain = "object/" if story.klass.domain == "object" else ""
        tags, written = story_texts.SCENES[domain + story.klass.code]
        assert story.where.tag in tags
        assert story.description in written


def test_every_step_that_needs_words_has_them(told: list[stories.Story]) -> None:
    for story in told:
        for taken in story.steps:
            needs = {
                need
                for row in workflow.STEPS
                if row.action is taken.action and row.outcome is taken.outcome
                for need in row.needs
            }
            assert bool(taken.text) or not needs & {workflow.Need.REASON, workflow.Need.TEXT}
            assert bool(taken.department) == (workflow.Need.DEPARTMENT in needs)


def test_nothing_of_what_is_not_built_is_told() -> None:
    texts = [text for _, written in story_texts.SCENES.values() for text in written]
    texts += [
        *story_texts.HANDLED,
        *story_texts.DECLINED,
        *story_texts.REFUTED,
        *story_texts.NOTES,
        *story_texts.SELF_HANDLED,
    ]
    assert [text for text in texts if denylist.forbidden(text)] == []
