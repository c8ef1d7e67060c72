"""Codes of contractor passes, in two parts, and of goods slips, with what they carry."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from access.passes import USES_MAX, Shown
from central.contractors.passes import passes
from central.contractors.terms import holder_id
from central.registry import Registry
from central.users.rights import Role
from central.workflows.tables import WorkflowRecord
from tests.central.codes.reading import codes, packed, seen, told
from tests.central.contractors.agreed import approved, days, do, done, held, no
from tests.central.databases import ON_ONE
from tests.central.goods.office import CHAIRS, Office

CODE = {"O": 0, "D": 1}


def printed(client: httpx.Client, place: str) -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"{place}/print").raise_for_status().json()
    return shown


def read(registry: Registry, site: str, text: str, at: datetime | None = None) -> tuple[Shown, Any]:
    return seen(packed(registry, site), text, at or datetime.now(UTC))


@ON_ONE
def test_a_pass_has_a_code_on_each_part(
    registry: Registry, sign_in: Callable[[Role], httpx.Client], admin: httpx.Client, site: str
) -> None:
    guard, permit = sign_in("guard"), approved(admin, site)
    place, number = held(admin, site, permit, "w1")
    assert codes(registry, site) == [], "no code is made before somebody prints it"
    original, duplicate = (part["code"] for part in printed(guard, place)["parts"])
    assert [part["code"] for part in printed(guard, place)["parts"]] == [original, duplicate]
    assert [part["number"] for part in printed(guard, place)["parts"]] == [f"{number}-O", f"{number}-D"]
    with registry.read() as work:
        row = work.session.get_one(WorkflowRecord, UUID(place.rpartition("/")[2]))
        holder = holder_id(passes.record(row).terms)
    (of_original, found), (of_duplicate, nobody) = (read(registry, site, text) for text in (original, duplicate))
    assert (of_original.fault, found.status, found.person.id, found.person.name) == ("", "active", holder, "赵*")
    assert (of_duplicate.fault, nobody, of_duplicate.name) == ("", None, f"pass {row.id.hex}-D")
    said = of_original.says
    assert said is not None
    assert (said.part, said.uses, said.number, said.units) == ("O", USES_MAX, number, ("3-1202",))
    assert guard.get(f"{place}/parts/D/code.png").headers["Content-Type"] == "image/png"
    assert guard.get(f"{place}/parts/X/code.svg").status_code == 422
    # At a post the registry reads the codes as the numbers that stand beside them.
    assert no(guard, place, "enter", post="东门", original=duplicate, duplicate=original) == ("duplicate_of_another", "duplicate")
    forged = original[:-2] + ("AA" if original[-2:] != "AA" else "BB")
    assert no(guard, place, "enter", post="东门", original=forged, duplicate=duplicate)[0] == "duplicate_of_another"
    assert done(guard, place, "enter", post="东门", original=original, duplicate=duplicate)["record"]["held_at"] == "东门"
    done(guard, place, "leave", post="东门")
    # A change makes it anew under the same name; the older paper says more, and is told as long as it could be shown.
    done(admin, place, "change", asked_by="李师傅", units=["3-1203"], valid_until=days(5))
    anew = printed(guard, place)["parts"][0]["code"]
    assert anew != original
    says = read(registry, site, anew)[0].says
    assert says is not None
    assert (says.units, says.valid_until < said.valid_until, says.name) == (("3-1203",), True, said.name)
    done(admin, place, "revoke", reason="斗殴")
    assert (read(registry, site, original)[1].status, printed(guard, place)["parts"][0]["code"]) == ("revoked", "")


@ON_ONE
def test_a_pass_that_is_back_or_replaced_is_told_by_its_code(registry: Registry, admin: httpx.Client, site: str) -> None:
    permit = approved(admin, site)
    returned, lost = held(admin, site, permit, "w1")[0], held(admin, site, permit, "w2")[0]
    texts = {place: printed(admin, place)["parts"][0]["code"] for place in (returned, lost)}
    done(admin, returned, "return", deposit="已退")
    done(admin, lost, "lost")
    assert [read(registry, site, texts[place])[1].status for place in (returned, lost)] == ["returned", "lost"]
    assert do(admin, lost, "replace", deposit="").status_code == 200
    found = read(registry, site, texts[lost])[1]
    assert (found.status, found.person.name) == ("revoked", "赵*")
    assert {one.status for one in codes(registry, site)} == {"returned", "revoked"}
    assert len([one for one in told(registry, site) if one.kind == "person"]) == 2


@ON_ONE
def test_a_slip_says_what_it_lets_out(registry: Registry, office: Office) -> None:
    guard = office.as_("guard")
    slip = office.slip("submit")
    assert [part["code"] for part in printed(guard, f"/slips/{slip}")["parts"]] == ["", ""]
    assert guard.get(f"/slips/{slip}/parts/1/code.svg").status_code == 409
    office.do(slip, "approve").raise_for_status()
    paper = printed(guard, f"/slips/{slip}")
    [text] = {part["code"] for part in paper["parts"]}
    assert [part["number"] for part in paper["parts"]] == ["lakeside/S000001/1", "lakeside/S000001/2"]
    shown, found = read(registry, office.site, text)
    says = shown.says
    assert (shown.fault, found, codes(registry, office.site)) == ("", None, [])
    assert says is not None
    assert (says.kind, says.number, says.digest.hex()) == ("slip", "S000001", paper["digest"][:32])
    assert [(line.item, line.quantity, line.unit) for line in says.lines] == [("椅子", 4000, "把"), ("布料", 2125, "米")]
    assert says.vehicles == (packed(registry, office.site).vehicle_tag("粤B12345"),)
    assert guard.get(f"/slips/{slip}/parts/2/code.svg").text.startswith("<?xml")
    assert guard.get(f"/slips/{slip}/parts/O/code.svg").status_code == 422
    # Too many lines for a code: their digest still tells whether the paper was altered. Too many plates: none is bound.
    long = office.slip(
        "submit",
        "approve",
        lines=[{**CHAIRS, "item": f"椅子 {n} 把，带扶手"} for n in range(30)],
        plates=[f"粤B1234{n}" for n in range(5)],
    )
    paper = printed(guard, f"/slips/{long}")
    says = read(registry, office.site, paper["parts"][0]["code"])[0].says
    assert says is not None
    assert (says.lines, says.vehicles, says.digest.hex()) == ((), (), paper["digest"][:32])
    assert len(paper["parts"][0]["code"]) <= 480
    office.do(long, "cancel").raise_for_status()
    assert printed(guard, f"/slips/{long}")["parts"][0]["code"] == ""
    night = office.slip("submit")
    office.do(night, "approve-at-night", only_gate="east").raise_for_status()
    says = read(registry, office.site, printed(guard, f"/slips/{night}")["parts"][0]["code"])[0].says
    assert says is not None
    assert says.gates == (UUID(office.gates["east"]).bytes[-4:],)
    assert timedelta(seconds=says.valid_until - says.valid_from) <= timedelta(days=1)
