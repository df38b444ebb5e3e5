"""What a resident holds: numbers and passwords that can be read, typed back and not guessed; codes that a camera reads."""

import re
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.events import kinds
from incidents import receipts
from incidents.workflow import State

DAY = date(2026, 3, 9)


@given(st.uuids(), st.uuids(), st.text())
def test_a_password_has_only_letters_and_digits_that_nobody_mixes_up(receipt: UUID, key: UUID, secret: str) -> None:
    password = receipts.password_of(secret.encode("utf-8", "replace").decode(), receipt, key)
    assert len(password) == receipts.LENGTH
    assert set(password) <= set(receipts.ALPHABET)
    assert not set("0O1ILUV") & set(password) - {"V"}


def test_a_password_follows_from_secret_receipt_and_key_and_from_nothing_less() -> None:
    receipt, key = uuid4(), uuid4()
    first = receipts.password_of("secret", receipt, key)
    assert receipts.password_of("secret", receipt, key) == first
    others = [("other", receipt, key), ("secret", uuid4(), key), ("secret", receipt, uuid4())]
    assert first not in [receipts.password_of(*other) for other in others]


def test_every_letter_of_the_alphabet_occurs_about_as_often_as_another() -> None:
    made = "".join(receipts.password_of("secret", UUID(int=n), UUID(int=n + 1)) for n in range(3000))
    times = [made.count(letter) for letter in receipts.ALPHABET]
    assert min(times) > 24_000 / len(receipts.ALPHABET) * 0.8


def test_a_number_tells_its_day_and_not_how_many_there_are() -> None:
    numbers = {receipts.new_number(DAY) for _ in range(50)}
    assert all(re.fullmatch(r"260309-\d{6}", number) for number in numbers)
    assert len(numbers) > 45


@pytest.mark.parametrize(
    "typed", ["260309-012345", "260309012345", " 260309 012345 ", "260309–012345", "2603 0901 2345"]
)
def test_a_number_is_understood_however_it_is_typed(typed: str) -> None:
    assert receipts.number_as_written(typed) == "260309-012345"


@pytest.mark.parametrize("typed", ["", "26030901234", "2603090123456", "٢٦٠٣٠٩-٠١٢٣٤٥", "abcdef-012345", "' or 1=1 --"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert receipts.number_as_written(typed) == ""


def test_a_password_is_understood_in_small_letters_and_with_hyphen() -> None:
    assert receipts.password_as_written(" abcd-ef23 ") == "ABCDEF23"


def test_every_state_has_a_next_step_and_what_waits_for_the_resident_comes_first() -> None:
    for state in State:
        plain = receipts.next_step(state, verified=False, asked=False, rated=False, wished=False)
        assert plain == receipts.NEXT[state]
        assert receipts.next_step(state, verified=False, asked=True, rated=False, wished=False) == "answer"
    closed = {"verified": True, "asked": False, "rated": True}
    assert receipts.next_step(State.CLOSED, wished=True, **closed) == "reply"
    assert receipts.next_step(State.CLOSED, wished=False, **closed) == "nothing"


def test_the_steps_that_residents_read_are_kinds_of_the_log_and_leave_out_what_is_internal() -> None:
    known = set(kinds())
    assert set(receipts.STEPS) <= known
    internal = {
        "incident.noted",
        "incident.photo_added",
        "incident.returned",
        "incident.withdrawn",
        "incident.escalated",
    }
    assert not internal & set(receipts.STEPS)


def test_a_code_is_one_picture_without_size_of_its_own_and_loads_nothing() -> None:
    svg = receipts.qr_svg("https://grid.example/r/990101001001001").decode()
    assert svg.startswith("<svg")
    assert "viewBox" in svg
    assert "href" not in svg
    assert "script" not in svg
    assert receipts.qr_data("https://grid.example/q").startswith("data:image/svg+xml")
