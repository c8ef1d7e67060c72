"""Visitor cards: out of the site's stock, let in at the gates as the visitor who has one, and back into stock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import httpx

from access.case import Presented
from access.contract.records import CardRecord
from central.access_rules.stream import rules_page
from central.cards.schemas import CardWanted
from central.cards.services import cards
from central.errors import RegistryError
from central.tables import Site
from central.visits.telling import visitor_id
from tests.central.databases import ON_ONE
from tests.central.visits.test_told import decided
from tests.central.visits.world import World, done, refused, wrong


def told(world: World) -> dict[str, tuple[str, UUID | None]]:
    """Return what gates are told of each card of the stock: its status and whose it is. Codes of visits have ids of version 5."""
    with world.registry.read() as work:
        page = rules_page(work.session, UUID(world.site), UUID(world.gate), since=0)
    known = [upsert.record for upsert in page.upserts if isinstance(upsert.record, CardRecord)]
    return {str(card.id): (card.status, card.person) for card in known if card.id.version != 5}


def do(world: World, place: str, act: str, card: str) -> httpx.Response:
    return world.guard.post(f"{place}/{act}", json={"card": card})


def came(world: World) -> str:
    place = world.approved()
    done(world.arrive(place), "in")
    return place


def test_a_card_from_stock_is_lent_with_a_visit_and_comes_back(world: World) -> None:
    place, other = came(world), came(world)
    none_kept = do(world, place, "lend-card", "V-7")
    wrong(none_kept, "card")
    assert none_kept.json()["zh"] == "小区没有访客卡，请先将访客卡入库"
    ids = world.stocks("V-7", "V-8")
    resident = world.made("/cards", raw="CAFE0001", printed="R-1", kind="resident_card")
    for card in ("V-9", "R-1", "", "V\n8"):
        wrong(do(world, place, "lend-card", card), "card")
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda visit: do(world, visit, "lend-card", "V-7"), (place, other)))
    assert sorted(reply.status_code for reply in sent) == [200, 409]
    [late] = [reply for reply in sent if reply.status_code == 409]
    refused(late, "card_lent_already", "card")
    mine, theirs = (place, other) if sent[0].status_code == 200 else (other, place)
    visitor = UUID(mine.rpartition("/")[2])
    card = world.admin.get(f"/cards/{ids['V-7']}").json()
    assert [card[name] for name in ("state", "person_id", "visit_id", "bound_to")] == [
        *("active", None, str(visitor)),
        world.admin.get(mine).json()["number"],
    ]
    assert told(world) == {
        ids["V-7"]: ("active", visitor_id(visitor)),
        ids["V-8"]: ("returned", None),
        resident: ("returned", None),
    }
    world.made("/cards", code="XK-2031", printed="C-1", kind="visitor_card")
    assert done(do(world, theirs, "lend-card", "C-1"), "in")["record"]["lent"] == ["C-1"]
    assert done(do(world, theirs, "give-back-card", "C-1"), "in")["record"]["lent"] == []
    # By any form of the number, as a reader at the desk gives it.
    assert done(do(world, theirs, "lend-card", "00000001"), "in")["record"]["lent"] == ["V-8"]
    assert done(do(world, theirs, "give-back-card", "0x00000001"), "in")["record"]["lent"] == []
    refused(do(world, theirs, "give-back-card", "V-7"), "card_not_lent", "card")
    done(world.guard.post(f"{mine}/leave", json={"gate": "east"}), "out")
    assert told(world)[ids["V-7"]] == ("frozen", None), "the visitor is gone, and gates know the visit no more"
    done(do(world, mine, "give-back-card", "V-7"), "out")
    back = world.admin.get(f"/cards/{ids['V-7']}").json()
    assert [back[name] for name in ("state", "visit_id", "bound_to")] == ["stock", None, ""]
    events = [event["name"] for event in world.admin.get(f"/cards/{ids['V-7']}/events").json()["items"]]
    assert events == ["CardStocked", "CardIssued", "CardActivated", "CardReturned", "CardRestocked"]


@ON_ONE
def test_a_gate_lets_a_visitor_in_by_a_lent_card_as_long_as_the_visit_lasts(world: World) -> None:
    world.made("/lanes", gate=world.gate, slug="in-1", name="in-1", lane_kind="pedestrian", direction="in")
    world.stocks("V-7")

    def shown(later: timedelta = timedelta()) -> str:
        card = Presented("card", "00000000", "00000000", "in", 32)
        return decided(world, later, presented=card)[0]

    assert shown() == "no_holder"
    place = world.approved(uses=2)
    done(world.arrive(place), "in")
    done(do(world, place, "lend-card", "V-7"), "in")
    assert (shown(), shown(world.lasts)) == ("visit_ok", "visit_over")
    done(world.admin.post(f"{place}/cancel", json={"reason": "争执"}), "in")
    assert shown() == "visit_refused"
    done(world.guard.post(f"{place}/leave", json={"gate": "east"}), "out")
    assert shown() == "no_holder"


@ON_ONE
def test_what_the_office_does_with_a_card_that_is_lent(world: World) -> None:
    ids, place = world.stocks("V-1", "V-2", "V-3"), came(world)
    for card in ids:
        done(do(world, place, "lend-card", card), "in")
    first, second, third = (f"/cards/{each}" for each in ids.values())
    refused(world.admin.post(f"{first}/return", json={"deposit": ""}), "not_now")
    refused(world.admin.post(f"{first}/issue", json={"person": world.host}), "not_now")
    taken = {"site": world.site, "raw": "00000000", "printed": "V-1"}
    assert world.admin.put(first, json={**taken, "person": world.host}).json()["field"] == "person"
    assert world.admin.put(first, json={**taken, "floors": ["1"]}).json()["visit_id"] == place.rpartition("/")[2]
    done(world.guard.post(f"{place}/lose-card", json={"card": "V-1"}), "in")
    assert (told(world)[ids["V-1"]][0], world.admin.get(place).json()["record"]["lent"]) == ("lost", ["V-2", "V-3"])
    refused(world.admin.post(f"{first}/replace", json={"card": ids["V-2"]}), "not_now")
    assert world.admin.post(f"{first}/return", json={"deposit": "找到"}).json()["state"] == "returned"
    world.admin.post(f"{second}/revoke", json={"reason": "损坏"}).raise_for_status()
    done(do(world, place, "give-back-card", "V-2"), "in")
    assert world.admin.get(second).json()["state"] == "returned", "what the office ended does not go back into stock"
    refused(do(world, place, "lend-card", "V-2"), "not_now", "card")
    world.admin.post(f"{third}/freeze", json={"reason": "可疑"}).raise_for_status()
    world.pass_time(world.lasts)
    assert (told(world)[ids["V-3"]][0], world.admin.get(place).json()["open_items"]) == ("frozen", [])
    done(world.guard.post(f"{place}/leave", json={"gate": "east"}), "out")
    assert world.admin.get(place).json()["open_items"] == ["V-3"]
    done(do(world, place, "give-back-card", "V-3"), "out")
    assert told(world)[ids["V-3"]] == ("returned", None)
    assert world.admin.get(third).json()["state"] == "returned", "what the office froze a guard does not lend again"
    assert world.admin.post(f"{third}/restock").json()["state"] == "stock"


@ON_ONE
def test_a_card_that_is_lent_keeps_its_name_and_one_that_a_visitor_lost_is_nobodys(world: World) -> None:
    ids, place = world.stocks("V-1", "V-2", "V-3"), came(world)
    for card in ids:
        done(do(world, place, "lend-card", card), "in")
    first, third = f"/cards/{ids['V-1']}", f"/cards/{ids['V-3']}"
    called = {"site": world.site, "raw": "00000000", "printed": "V-1", "floors": ["12"]}
    for field, other in (("printed", "V-9"), ("raw", "00000009")):
        reply = world.admin.put(first, json={**called, field: other})
        assert (reply.status_code, reply.json()["field"]) == (409, field), "the visit knows it by these"
    changed = world.admin.put(first, json={**called, "valid_until": world.at(timedelta(hours=1))}).json()
    assert (changed["floors"], changed["bound_to"]) == (["12"], world.admin.get(place).json()["number"])
    world.now[0] += timedelta(hours=1)
    with world.registry.write() as work:
        assert (cards.is_due(work), cards.ripen(work), cards.is_due(work)) == (True, 1, False)
    assert told(world)[ids["V-1"]][0] == "expired"
    done(do(world, place, "give-back-card", "V-1"), "in")
    back = world.admin.get(first).json()
    assert (back["state"], back["floors"], back["valid_until"]) == ("stock", [], None)
    done(do(world, place, "lose-card", "V-2"), "in")
    world.admin.post(f"{third}/lost").raise_for_status()
    for raw, printed in (("00000001", "V-2"), ("00000002", "V-3")):
        wanted = CardWanted(site=UUID(world.site), raw=raw, printed=printed, person=UUID(world.host))
        with world.registry.write() as work:
            [refusal] = cards.put_many(work, work.session.get_one(Site, wanted.site), [wanted])
        assert isinstance(refusal, RegistryError)
        assert (refusal.status_code, refusal.field) == (409, "person")
    assert {told(world)[ids[card]][0] for card in ("V-2", "V-3")} == {"lost"}
    world.admin.post(f"{third}/return", json={"deposit": "找到"}).raise_for_status()
    done(do(world, place, "give-back-card", "V-3"), "in")
    assert world.admin.get(third).json()["state"] == "returned", "the office has it, and decides of it"
