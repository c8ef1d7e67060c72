"""Who is not let in is not let in however the name, the telephone or the plate is written."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.visits.identity import folded_name, phone_in_one_form
from tests.central.visits.world import World, done, refused, wrong


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "0086 13800138000",
        "8613800138000",
        "013800138000",
        "１３８００１３８０００",
    ],
)
def test_a_telephone_has_one_form(written: str) -> None:
    assert phone_in_one_form(written) == "13800138000"


def test_other_telephones_stay_what_they_are() -> None:
    kept = {
        "+86 010 12345678": "01012345678",
        "(+86) 755 88886666": "075588886666",
        "0755-8888 6666": "075588886666",
        "+86 755 88886666": "075588886666",
        "+1 202 555 0100": "+12025550100",
    }
    assert {written: phone_in_one_form(written) for written in kept} == kept
    assert phone_in_one_form("+86 010 12345678") == "01012345678"
    assert phone_in_one_form("(+86) 755 88886666") == "075588886666"
    assert all(phone_in_one_form(phone) == phone for phone in kept.values())


@given(st.text(alphabet="+0861 (-５", max_size=16))
def test_a_telephone_of_one_form_stays(written: str) -> None:
    once = phone_in_one_form(written)
    assert phone_in_one_form(once) == once


def test_a_name_has_one_form() -> None:
    assert {folded_name(name) for name in ("Li Wei", "li wei", "ＬＩ　ＷＥＩ", "L.I-W·e i", "LI\u00a0WEI")} == {"liwei"}
    assert folded_name("买买提·艾力") == folded_name("买买提 • 艾力")


def test_who_is_not_let_in(world: World, sign_in: Callable[..., httpx.Client]) -> None:
    def denied(**facts: Any) -> httpx.Response:
        return world.admin.post("/denied-visitors", json={"site": world.site, "reason": "曾盗窃", **facts})

    def ask(who: httpx.Client = world.admin, **changes: Any) -> httpx.Response:
        return who.post("/visits", json=world.wanted(**changes))

    announced, approved, asked = world.announce(), world.approved(plates=["粤B12345"]), world.walk_in()
    wrong(denied(), "name")
    entry = denied(name="張 Wei", phone="138 0013 8000")
    assert entry.status_code == 201
    assert entry.json()["phone_tail"] == "8000"
    assert denied(name="張wei", phone="+8613800138000").status_code == 409
    for field, details in (
        ("details.phone", {"name": "他人", "phone": "＋86 138-0013-8000"}),
        ("details.name", {"name": "張ＷＥＩ", "phone": "010-6666 8000"}),
        ("details.name", {"name": "張 wei", "phone": None}),
    ):
        refused(ask(details=details), "visitor_denied", field)
    assert ask(details={"name": "張wei", "phone": "010-66661234"}).status_code == 201
    assert ask().json()["reason"] == "曾盗窃"
    assert "曾盗窃" not in ask(world.guard).text
    assert "曾盗窃" not in world.guard.get("/denied-visitors").text
    place = f"/denied-visitors/{entry.json()['id']}"
    assert ["曾盗窃" in who.get(f"{place}/history").text for who in (world.admin, world.guard)] == [True, False]
    refused(world.admin.post(f"{announced}/approve"), "visitor_denied", "details.phone")
    refused(world.agree(asked), "visitor_denied", "details.phone")
    refused(world.arrive(approved), "visitor_denied", "details.phone")
    other = world.announce(details={"name": "他人", "phone": None})
    refused(world.admin.put(f"{other}/details", json={"name": "張wei"}), "visitor_denied", "details.name")
    # Changed without the telephone it keeps it; over since yesterday it stops nobody.
    ended = {"site": world.site, "name": "張 Wei", "reason": "已处理", "valid_until": world.now[0].isoformat()}
    assert world.admin.put(place, json=ended).json()["phone_tail"] == "8000"
    done(world.admin.post(f"{announced}/approve"), "approved")
    assert len(world.admin.get("/denied-visitors", params={"name": "張ｗｅｉ", "phone_tail": "8000"}).json()["items"]) == 1
    assert denied(name="王五", plate="粤b 12345").status_code == 201
    refused(ask(plates=["粤B·12345"]), "visitor_denied", "plates")
    refused(world.arrive(approved), "visitor_denied", "plates")
    assert ask(details={"name": "王五"}).status_code == 201
    world.made("/blocks", plate="粤B99999", reason="欠费")
    refused(ask(plates=["粤B99999"]), "visitor_denied", "plates")
    clerk = sign_in("registrar")
    assert clerk.post("/denied-visitors", json={"site": world.site, "name": "x", "reason": "y"}).status_code == 403
