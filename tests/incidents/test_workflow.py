"""The workflow table: complete, without dead ends, and clear about what is possible."""

import pytest

from incidents import workflow
from incidents.labels import ACTION_LABELS, LEVEL_LABELS, STATE_LABELS
from incidents.workflow import (
    STEPS,
    TERMINAL,
    Action,
    Clock,
    Guard,
    Level,
    MissingError,
    Need,
    Outcome,
    State,
    Step,
    WrongStateError,
    actions_from,
    needs_of,
    next_level,
    step,
    steps_from,
)


def reached_from(start: State | None) -> set[State]:
    found: set[State] = set()
    edge = [start]
    while edge:
        targets = {row.target for row in steps_from(edge.pop()) if row.target}
        edge += targets - found
        found |= targets
    return found


def walk(*moves: tuple[Action, Outcome | None]) -> list[State]:
    state: State | None = None
    passed = []
    for action, outcome in moves:
        state = step(action, state, outcome=outcome).target or state
        assert state is not None
        passed.append(state)
    return passed


def test_every_state_is_reached_from_a_report() -> None:
    assert reached_from(None) == set(State)


@pytest.mark.parametrize("state", [state for state in State if state not in TERMINAL])
def test_every_open_state_can_still_be_closed(state: State) -> None:
    assert State.CLOSED in reached_from(state)


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_a_terminal_state_is_left_by_nothing_but_the_undoing_of_a_merge(state: State) -> None:
    """A closed case may be rated and followed by a new one; it stays closed, for its record is never edited (rule 8)."""
    undone = {State.REPORTED} if state is State.MERGED else set()
    assert {row.target for row in steps_from(state)} == {None} | undone
    after = {
        State.CLOSED: {Action.RATE, Action.REOPEN, Action.REFUSE_REOPENING},
        State.MERGED: {Action.SPLIT},
    }  # fmt: skip
    assert set(actions_from(state)) == {Action.NOTE, Action.PHOTO} | after.get(state, set())


def test_every_action_stands_in_the_table_and_no_row_is_ambiguous() -> None:
    assert {row.action for row in STEPS} == set(Action)
    keys = [(row.action, source, row.outcome, row.roles) for row in STEPS for source in row.sources]
    assert len(keys) == len(set(keys))


def test_the_whole_chain_from_report_to_close() -> None:
    assert walk(
        (Action.REPORT, None),
        (Action.REQUEST_VERIFICATION, None),
        (Action.VERIFY_REPORT, Outcome.PASS),
        (Action.FILE, None),
        (Action.ASSIGN, None),
        (Action.TAKE, None),
        (Action.HANDLE, None),
        (Action.VERIFY_REPAIR, Outcome.FAIL),
        (Action.HANDLE, None),
        (Action.VERIFY_REPAIR, Outcome.PASS),
        (Action.CLOSE, None),
    ) == [
        State.REPORTED,
        State.VERIFYING,
        State.REPORTED,
        State.FILED,
        State.ASSIGNED,
        State.IN_WORK,
        State.TO_VERIFY,
        State.ASSIGNED,
        State.TO_VERIFY,
        State.VERIFIED,
        State.CLOSED,
    ]


def test_handled_by_myself_is_one_record_closed_at_once() -> None:
    assert walk((Action.SELF_HANDLE, None)) == [State.CLOSED]
    assert Guard.CELL_LEVEL in step(Action.SELF_HANDLE, State.REPORTED).guards


def test_an_impossible_step_says_what_is_possible() -> None:
    with pytest.raises(WrongStateError) as caught:
        step(Action.CLOSE, State.FILED)
    assert caught.value.possible == (
        Action.ASSIGN, Action.ESCALATE, Action.WHISTLE, Action.FINISH_PART, Action.DECLINE_PART, Action.PROCEED,
        Action.NOTE, Action.PHOTO, Action.ANSWER, Action.JOIN, Action.MERGE, Action.SPLIT_OFF, Action.PUT_UNDER, Action.TAKE_OUT,
    )  # fmt: skip
    assert "assign" in str(caught.value)


def test_every_return_and_refusal_needs_a_reason() -> None:
    def needing(rows: tuple[Step, ...]) -> set[tuple[Action, Outcome | None]]:
        return {(row.action, row.outcome) for row in rows if Need.REASON in row.needs}

    assert needing(STEPS) == {
        (Action.DECLINE, None),
        (Action.EXPEDITE, None),
        (Action.EXTEND, None),
        (Action.FORWARD, None),
        (Action.REFUSE, None),
        (Action.SEND_BACK, None),
        (Action.SUPPLEMENT, None),
        (Action.WITHDRAW, None),
        (Action.RETURN, None),
        (Action.ESCALATE, None),
        (Action.MERGE, None),
        (Action.SPLIT, None),
        (Action.SPLIT_OFF, None),
        (Action.TAKE_OUT, None),
        (Action.VERIFY_REPORT, Outcome.FAIL),
        (Action.VERIFY_REPAIR, Outcome.FAIL),
        (Action.ASK_EXTENSION, None),
        (Action.ENDORSE_EXTENSION, Outcome.FAIL),
        (Action.GRANT_EXTENSION, Outcome.FAIL),
        (Action.ASK_SUSPENSION, None),
        (Action.REFUSE_SUSPENSION, None),
        (Action.SUSPEND, None),
        (Action.RESUME, None),
        (Action.OBJECT, None),
        (Action.REVIEW_OBJECTION, Outcome.FAIL),
        (Action.DECLINE_PART, None),
        (Action.REFUSE_REOPENING, None),
    }


@pytest.mark.parametrize(
    ("action", "state", "outcome", "code"),
    [
        (Action.DECLINE, State.REPORTED, None, "reason_needed"),
        (Action.ASSIGN, State.FILED, None, "department_needed"),
        (Action.HANDLE, State.IN_WORK, None, "text_needed"),
        (Action.VERIFY_REPAIR, State.TO_VERIFY, None, "outcome_needed"),
        (Action.VERIFY_REPAIR, State.TO_VERIFY, Outcome.FAIL, "reason_needed"),
    ],
)
def test_what_is_missing_is_named(action: Action, state: State, outcome: Outcome | None, code: str) -> None:
    with pytest.raises(MissingError) as caught:
        step(action, state, given=(), outcome=outcome)
    assert caught.value.code == code


def test_a_form_knows_what_to_ask_for() -> None:
    assert needs_of(Action.VERIFY_REPAIR, State.TO_VERIFY) == (Need.OUTCOME, Need.REASON)
    assert needs_of(Action.ASSIGN, State.FILED) == (Need.DEPARTMENT,)
    assert needs_of(Action.CLOSE, State.VERIFIED) == ()


def test_a_department_withdraws_before_it_returns() -> None:
    assert Action.RETURN not in actions_from(State.IN_WORK)
    assert step(Action.WITHDRAW, State.IN_WORK, roles=("handler",)).target is State.ASSIGNED
    assert step(Action.RETURN, State.ASSIGNED).target is State.FILED


def test_the_two_withdrawals_belong_to_different_people() -> None:
    for state in (State.ASSIGNED, State.IN_WORK):  # a department that does not move can be relieved
        assert step(Action.WITHDRAW, state, roles=("dispatcher",)).target is State.FILED
    assert step(Action.WITHDRAW, State.IN_WORK, roles=("handler",)).target is State.ASSIGNED
    with pytest.raises(WrongStateError):
        step(Action.WITHDRAW, State.ASSIGNED, roles=("handler",))


def test_whoever_repaired_does_not_check_the_repair() -> None:
    assert all(Guard.NOT_THE_HANDLER in row.guards for row in STEPS if row.action is Action.VERIFY_REPAIR)


def test_only_the_department_that_has_the_case_now_works_on_it() -> None:
    own = {row.action for row in STEPS if Guard.OWN_DEPARTMENT in row.guards}
    assert own == {
        Action.TAKE, Action.WITHDRAW, Action.RETURN, Action.HANDLE, Action.ASK_EXTENSION, Action.ASK_SUSPENSION, Action.OBJECT
    }  # fmt: skip


def test_a_citizens_report_is_verified_before_it_is_filed() -> None:
    assert Guard.CITIZEN_VERIFIED in step(Action.FILE, State.REPORTED).guards


def test_the_handling_clock_runs_only_while_the_department_has_the_case() -> None:
    """Along every path the clock is running exactly in assigned and in_work, and stopped for good at the end."""
    running = {State.ASSIGNED, State.IN_WORK}
    begins, ends = {Clock.START, Clock.RESUME}, {Clock.PAUSE, Clock.STOP}
    for row in STEPS:
        for source in row.sources:
            before, after = source in running, (row.target or source) in running
            effect = begins if after and not before else ends if before and not after else {Clock.NONE}
            if row.action is Action.VERIFY_REPAIR and row.outcome is Outcome.PASS:
                effect = {Clock.STOP}
            if row.action is Action.GRANT_EXTENSION and row.outcome is Outcome.PASS:
                effect = {Clock.EXTEND} if source in {*running, State.PROCESSING} else set()
            assert row.clock in effect, row


def test_incidents_pass_up_one_level_at_a_time() -> None:
    assert [next_level(level) for level in Level] == [Level.COMMUNITY, Level.STREET, Level.DISTRICT, None]
    assert all(row.target is None for row in STEPS if row.action is Action.ESCALATE)


def test_every_name_has_both_languages() -> None:
    for labels, names in ((STATE_LABELS, State), (ACTION_LABELS, Action), (LEVEL_LABELS, Level)):
        assert set(labels) == set(names)
        assert all(set(words) == {"zh", "en"} and all(words.values()) for words in labels.values())
    assert len({words["zh"] for words in STATE_LABELS.values()}) == len(State)


def test_the_table_prints_with_who_may() -> None:
    roles = {row.permission: ("director",) for row in STEPS} | {"incident.withdraw": ("dispatcher", "handler")}
    lines = workflow.as_text(roles).splitlines()
    assert len(lines) == len(STEPS) + 2
    withdrawals = [line.split() for line in lines if line.startswith("withdraw")]
    assert withdrawals == [
        ["withdraw", "in_work", "assigned", "handler", "reason", "own_department"],
        ["withdraw", "assigned,", "in_work", "filed", "dispatcher", "reason", "pause"],
        ["withdraw", "processing", "filed", "dispatcher", "reason", "not_a_matter"],
    ]
    with pytest.raises(KeyError):
        workflow.as_text({})
