"""Telephone and ID numbers as people write them, and the registry's key of hashes."""

from pathlib import Path

import pytest

from central.keys import HASH_KEY_FILE, hash_key
from central.people.identity import id_hash, normal_id_number, normal_phone, tail


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("11010519491231002X", "11010519491231002X"),
        (" 110105 19491231 002x", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("440524188001010014", "440524188001010014"),
        ("e12345678", "E12345678"),
        ("A123456(7)", "A1234567"),
        ("", ""),
    ],
)
def test_id_numbers_have_one_form(typed: str, number: str) -> None:
    assert normal_id_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("110105194912310021", "check character"),
        ("11010519491231002Y", "check character"),
        ("110105194913310021", "day of birth"),
        ("1234", "is no ID number"),
        ("E" * 21, "is no ID number"),
        ("护照12345678", "is no ID number"),
    ],
)
def test_what_is_no_id_number_is_not_repeated(typed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        normal_id_number(typed)
    assert typed not in str(refused.value)


def test_telephone_numbers_have_one_form() -> None:
    assert normal_phone("+86 138-0013-8000") == "+8613800138000"
    assert normal_phone("（0755）8888 6666") == "075588886666"
    assert normal_phone("") == ""
    for typed in ("1234", "1" * 21, "138x", "13+800138000"):
        with pytest.raises(ValueError, match="telephone"):
            normal_phone(typed)


def test_hashes_are_of_one_registry(tmp_path: Path) -> None:
    key, other = hash_key(tmp_path / "a"), hash_key(tmp_path / "b")
    assert (tmp_path / "a" / HASH_KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert hash_key(tmp_path / "a") == key
    assert id_hash(key, "E12345678") == id_hash(key, "E12345678")
    assert len({id_hash(key, "E12345678"), id_hash(other, "E12345678"), id_hash(key, "E12345679")}) == 3
    assert tail("11010519491231002X") == "002X"
