"""Codes of visits: issued with the approval, checked by a gate alone, taken back with the visit, gone when its window is over."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from sqlalchemy import func, select

from access.case import Presented
from access.passes import gate_tag, shown, turning_key
from central.codes.ending import ended_codes
from central.codes.issuing import SKEW
from central.codes.tables import IssuedCode
from central.visits.telling import visitor_id
from tests.central.codes.reading import codes, denied, packed, seen, told
from tests.central.databases import ON_ONE
from tests.central.visits.test_told import decided
from tests.central.visits.world import World, done

HOUR = timedelta(hours=1)
PLATES = ["粤B12345", "粤B67890"]


def id_of(place: str) -> UUID:
    return UUID(place.rpartition("/")[2])


def code_of(world: World, place: str) -> str:
    code: str = world.guard.get(f"{place}/badge").raise_for_status().json()["code"]
    return code


def status(world: World, place: str) -> str:
    """Return what gates know of the code of a visit; empty where they know nothing."""
    return next((one.status for one in codes(world.registry, world.site) if one.person == visitor_id(id_of(place))), "")


def ripen(world: World, later: timedelta) -> None:
    world.pass_time(later)
    while True:
        with world.registry.write() as work:
            if not (ended_codes.is_due(work) and ended_codes.ripen(work)):
                return


@ON_ONE
def test_a_gate_reads_what_the_registry_has_signed(world: World, tmp_path: Path) -> None:
    west = world.admin.get("/gates", params={"site": world.site}).json()["items"][1]["id"]
    for gate in (world.gate, west):
        world.made("/lanes", gate=gate, slug="in-1", name="in-1", lane_kind="vehicle", direction="in")
    place = world.announce(gates=["west", "east"], plates=PLATES, uses=2, party=3)
    assert (code_of(world, place), codes(world.registry, world.site)) == ("", [])
    done(world.admin.post(f"{place}/approve"), "approved")
    text = code_of(world, place)
    assert text == code_of(world, place), "the same terms have the same code"
    rules = packed(world.registry, world.site, world.gate)
    says, found = seen(rules, text, world.now[0])
    assert (says.fault, says.name, found.status) == ("", f"visit {id_of(place).hex}", "active")
    assert (found.person.id, found.person.name, found.shown) == (visitor_id(id_of(place)), "张*", "0001")
    assert says.says is not None
    assert says.says.gates == (gate_tag(UUID(west)), gate_tag(UUID(world.gate)))
    assert says.says.vehicles == tuple(map(rules.vehicle_tag, PLATES))
    assert (says.says.uses, says.says.party, says.says.turns, says.says.part) == (2, 3, False, "")
    assert timedelta(seconds=says.says.valid_until - says.says.valid_from) <= world.lasts
    [visit] = rules.visits(visitor_id(id_of(place)))
    assert (visit.home, [lane.gate for lane in rules.lanes.values()]) == (UUID(west), [UUID(world.gate)])
    # Nothing of a person is in the code, and nothing of the private key in the database or what gates are told.
    assert not any(name.encode() in repr(says).encode() for name in ("张", "李", "138"))
    [private] = (tmp_path / "data" / "pass-keys").iterdir()
    assert private.stat().st_mode & 0o777 == 0o600
    assert private.read_bytes().hex() not in str(told(world.registry, world.site))
    database = tmp_path / "registry.db"
    assert not database.exists() or private.read_bytes() not in database.read_bytes()
    assert world.guard.get(f"/visits/{uuid4()}/badge").status_code == 404


def test_a_visit_that_is_taken_back_or_used_up_leaves_no_good_code(world: World) -> None:
    cancelled, used, expired, inside = (world.approved() for _ in range(4))
    texts = {place: code_of(world, place) for place in (cancelled, used, expired)}
    assert [status(world, place) for place in (cancelled, used, expired, inside)] == ["active"] * 4
    done(world.admin.post(f"{cancelled}/cancel", json={"reason": "不来了"}), "cancelled")
    done(world.arrive(used), "in")
    done(world.arrive(inside), "in")
    done(world.guard.post(f"{used}/leave", json={"gate": "east"}), "out")
    assert [status(world, place) for place in (cancelled, used, expired, inside)] == ["revoked", "expired", "active", "active"]
    says, found = seen(packed(world.registry, world.site), texts[cancelled], world.now[0])
    assert (says.fault, found.status, found.person.id) == ("", "revoked", visitor_id(id_of(cancelled)))
    urgent = {card.person for card in denied(world.registry, world.site).denied if card.kind == "card"}
    assert urgent == {visitor_id(id_of(cancelled)), visitor_id(id_of(used))}
    assert code_of(world, cancelled) == ""
    refused = world.guard.get(f"{cancelled}/code.svg")
    assert (refused.status_code, refused.json()["field"]) == (409, "state")
    ripen(world, world.lasts)
    assert [status(world, place) for place in (cancelled, used, expired, inside)] == ["revoked", "expired", "expired", "active"]
    ripen(world, SKEW)
    assert status(world, cancelled) == "revoked", "a gate whose clock is behind takes it still, by itself"
    ripen(world, SKEW)
    assert [status(world, place) for place in (cancelled, used, expired, inside)] == ["", "", "", "active"]
    visitors = [one.id for one in told(world.registry, world.site) if getattr(one, "category", "") == "visitor"]
    assert visitors == [visitor_id(id_of(inside))]
    assert len([gone for gone in denied(world.registry, world.site).gone if gone.kind == "card"]) == 3
    done(world.guard.post(f"{inside}/leave", json={"gate": "east"}), "out")
    ripen(world, 2 * HOUR)
    assert (codes(world.registry, world.site), status(world, inside)) == ([], "")
    with world.registry.read() as work:
        assert not ended_codes.is_due(work)


@ON_ONE
def test_a_gate_decides_by_a_code(world: World) -> None:
    world.made("/lanes", gate=world.gate, slug="in-1", name="in-1", lane_kind="vehicle", direction="in")
    place = world.approved()
    text = code_of(world, place)
    shown_there = Presented("code", text, text, "in")
    assert decided(world, timedelta(seconds=1), presented=shown_there) == ("visit_ok", ["lead_in"])
    done(world.admin.post(f"{place}/cancel", json={"reason": "不来了"}), "cancelled")
    assert decided(world, timedelta(seconds=2), presented=shown_there)[0] == "inactive"


@ON_ONE
def test_who_is_denied_has_no_code_while_denied(world: World) -> None:
    place = world.approved()
    entry = world.made("/denied-visitors", name="张伟", reason="闹事")
    assert (status(world, place), code_of(world, place)) == ("revoked", "")
    assert world.admin.delete(f"/denied-visitors/{entry}").status_code == 204
    assert status(world, place) == "active"


@ON_ONE
def test_who_may_print_is_given_images(world: World, sign_in: object) -> None:
    place, auditor = world.approved(), sign_in("auditor")  # type: ignore[operator]
    svg, png = (world.guard.get(f"{place}/code.{kind}") for kind in ("svg", "png"))
    assert (svg.headers["Content-Type"], png.headers["Content-Type"]) == ("image/svg+xml", "image/png")
    assert (svg.headers["Cache-Control"], png.content[:4]) == ("no-store", b"\x89PNG")
    assert code_of(world, place) not in svg.text
    assert auditor.get(f"{place}/code.svg").status_code == 403
    assert auditor.get(f"{place}/badge").json()["code"] == ""


def of_host(world: World, days: int = 1) -> httpx.Client:
    link = world.admin.post(f"/persons/{world.host}/host-link", json={"days": days}).raise_for_status().json()["token"]
    return httpx.Client(base_url=world.admin.base_url, headers={"Authorization": f"Bearer {link}"}, timeout=30, verify=False)


@ON_ONE
def test_the_phone_of_a_host(world: World) -> None:
    place = world.approved()
    other = world.approved(host_person=world.deputy)
    own, others = f"/host{place}/code", f"/host{other}/code"
    with of_host(world) as phone:
        plain = phone.get(own).raise_for_status().json()
        assert (plain["text"], plain["turns"], plain["next"]) == (code_of(world, place), False, [])
        assert (phone.get(others).status_code, phone.get(f"{others}.svg").status_code) == (404, 404)
        world.admin.put(f"/sites/{world.site}/settings", json={"turning_codes": ["visit"]}).raise_for_status()
        turning = phone.get(own)
        facts = turning.raise_for_status().json()
        assert (facts["turns"], turning.headers["Cache-Control"], len(facts["next"])) == (True, "no-store", 3)
        assert (code_of(world, place), facts["text"][:4]) == (plain["text"], "GR1:"), "paper does not turn"
        rules, at = packed(world.registry, world.site), world.now[0]
        texts = [facts["text"], *(turn["text"] for turn in facts["next"])]
        [key] = rules.pass_keys
        card_key = next(one.card_key for one in told(world.registry, world.site) if one.kind == "site")
        now_s = int(at.timestamp())
        for turn, text in enumerate(texts):
            says = shown(text, rules.pass_keys, turning_key(bytes.fromhex(card_key)), now_s)
            assert (says.fault, says.turned // 30, says.kid) == ("", now_s // 30 + turn, key)
            assert says.says is not None
            assert says.says.turns
        assert rules.shown_code(texts[0], at).name == rules.shown_code(plain["text"], at).name
        assert len([one for one in codes(world.registry, world.site) if one.person == visitor_id(id_of(place))]) == 1
        assert phone.get(f"{own}.svg").headers["Content-Type"] == "image/svg+xml"
        replies = [phone.get(own).status_code for _ in range(30)]
        assert (replies[0], replies[-1]) == (200, 429)
    with world.registry.read() as work:
        assert work.session.scalar(select(func.count()).select_from(IssuedCode)) == 3
