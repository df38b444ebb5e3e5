"""Personal values: only the key opens them, equal ones are found, and masks show no more than they say."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import vault
from gridmap.vault import Keyring, VaultError, masked_name, masked_phone


def line(name: str, byte: int) -> str:
    return f"{name} {base64.b64encode(bytes([byte]) * 32).decode()}"


RING = Keyring.read("\n".join([line("k2", 2), line("k1", 1), line("index", 9)]))
OLD = Keyring.read("\n".join([line("k1", 1), line("index", 9)]))


@given(st.text())
def test_what_was_sealed_is_opened_by_its_key_in_its_place_alone(value: str) -> None:
    key = vault.new_key()
    sealed = vault.seal(key, value, "care|p1|name")
    assert vault.unseal(key, sealed, "care|p1|name") == value
    for other, place in ((vault.new_key(), "care|p1|name"), (key, "care|p2|name"), (key, "care|p1|phone")):
        with pytest.raises(VaultError, match="changed, or it belongs"):
            vault.unseal(other, sealed, place)


def test_the_same_value_twice_does_not_look_the_same() -> None:
    key = vault.new_key()
    assert vault.seal(key, "张三", "x") != vault.seal(key, "张三", "x")


@pytest.mark.parametrize("at", [0, 11, 12, 20, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    key = vault.new_key()
    raw = bytearray(base64.b64decode(vault.seal(key, "13812345678", "x")))
    raw[at] ^= 1
    with pytest.raises(VaultError):
        vault.unseal(key, base64.b64encode(bytes(raw)).decode(), "x")


def test_rotation_locks_the_same_key_anew_and_loses_nothing() -> None:
    key = vault.new_key()
    before = OLD.lock(key, "p1")
    after = RING.relock(before, "p1")
    assert (before[:3], after[:3]) == ("k1:", "k2:")
    assert RING.unlock(before, "p1") == RING.unlock(after, "p1") == key
    assert RING.relock(after, "p1") == after
    with pytest.raises(VaultError, match="'k2' is not among the keys"):
        OLD.unlock(after, "p1")
    with pytest.raises(VaultError):
        RING.unlock(after, "p2")


def test_equal_values_are_found_in_one_field_of_one_register_only() -> None:
    found = RING.blind("care", "phone", "138 1234-5678")
    assert (
        found == RING.blind("care", "phone", "+86 13812345678") == RING.blind("care", "phone", "１３８１２３４５６７８")
    )
    assert len({found, RING.blind("care", "phone", "13812345679"), RING.blind("jobs", "phone", "13812345678")}) == 3
    assert RING.blind("care", "name", "张 三") == RING.blind("care", "name", "张三")
    dotted = [
        "买买提·玉素甫",
        "买买提•玉素甫",
        "买买提・玉素甫",
        "买买提‧玉素甫",
        "买买提.玉素甫",
        "买买提．玉素甫",
        "买买提玉素甫",
    ]
    assert len({RING.blind("care", "name", name) for name in dotted}) == 1
    assert {RING.blind("care", "phone", f"{before}138·1234—5678") for before in ("", "0086", "0086 ", "86-")} == {found}
    assert found == OLD.blind("care", "phone", "13812345678")  # another master key changes no index


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "at least one other"), (line("index", 1), "at least one other"), (line("k1", 1), 'a line "index'),
        ("k1 c2hvcnQ=", "line 1 of the keys: the key needs 32 bytes"), ("k1 ???", "32 bytes"),
        (f"{line('k1', 1)}\n{line('k1', 2)}", "line 2"),
        ("K-1 x", "a name of its own"),
    ],
)  # fmt: skip
def test_keys_that_are_none_are_refused_without_showing_them(text: str, why: str) -> None:
    with pytest.raises(VaultError, match=why) as caught:
        Keyring.read(text)
    assert "c2hvcnQ" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三", "张*"), ("张三丰", "张*"), ("欧阳修", "欧阳*"), ("欧阳", "欧*"), ("Alice", "A*"), (" ", "")],
)
def test_of_a_name_the_family_is_shown(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+86 138-1234-1234", "138****1234"),
        ("62345678", "******78"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_of_a_number_the_ends_are_shown(number: str, shown: str) -> None:
    assert masked_phone(number) == shown
