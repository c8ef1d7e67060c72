"""The day's slips gone through: what became of them, by guard and gate, signed off once; and what is printed of a slip."""

from decimal import Decimal
from typing import Any, get_args

from access.workflows.release_slip import SlipLine, lines_digest
from central.goods.printing import LABELS, PAPERS, REASONS, RIGHTS
from central.goods.schemas import PaperKind, Reason, Right
from tests.central.databases import ON_ONE
from tests.central.goods.office import Calendar, Office


def numbers(sheet: dict[str, Any], name: str) -> list[str]:
    figure = sheet[name]
    assert figure["count"] == len(figure["slips"])
    return [slip["number"] for slip in figure["slips"]]


def test_the_day_before(office: Office, calendar: Calendar) -> None:
    part: dict[str, Any] = {"released": [{"line": 1, "quantity": 1}]}
    used = office.slip("submit", "approve", "present", "release", "collect")
    partly = office.slip("submit", "approve", "present")
    office.do(partly, "release", "goods_checker", gate="north", **part).raise_for_status()
    night = office.slip("submit", "approve-at-night", "present")
    for _ in range(2):
        office.do(night, "release", **part).raise_for_status()
    office.slip("submit", "approve")
    office.slip("submit", "approve", "cancel", "collect")
    held = office.slip("submit", "approve", "present")
    office.do(held, "release", **part).raise_for_status()
    office.do(held, "mismatch").raise_for_status()
    office.slip()
    office.slip("submit", "approve", valid_until="2026-03-04T12:00:00+08:00")
    s = [f"S{number:06d}" for number in range(9)]
    clerk, asked = office.as_("goods_clerk"), {"site": office.site}
    today = clerk.post("/slips/reconciliation", json={**asked, "day": "2026-03-02"})
    assert (today.status_code, today.json()["field"]) == (422, "day")

    calendar.passes(days=1)
    office.do(night, "review").raise_for_status()
    sheet = clerk.get("/slips/reconciliation", params=asked).raise_for_status().json()
    assert (sheet["day"], sheet["signed_off"]) == ("2026-03-02", None)
    assert {name: numbers(sheet, name) for name in sheet if isinstance(sheet[name], dict)} == {
        "issued": s[1:8],
        "approved": s[1:7],
        "approved_at_night": [s[3]],
        "night_reviewed": [s[3]],
        "used": [s[1]],
        "partly": [s[2], s[3], s[6]],
        "unused": [s[4], s[5]],
        "expired": [s[4], s[7]],
        "cancelled": [s[5]],
        "collected": [s[1], s[5]],
        "not_collected": [s[2], s[3], s[4], s[6]],
        "held": [s[6]],
        "mismatches": [s[6]],
    }
    assert sheet["not_collected"]["slips"][0] == {"id": partly, "number": s[2]}
    by = {
        kind: [(each["name"], each["trips"], each["lines"], [slip["number"] for slip in each["slips"]]) for each in sheet[kind]]
        for kind in ("guards", "gates")
    }
    assert by["guards"] == [("goods_checker", 1, 1, [s[2]]), ("guard", 4, 5, [s[1], s[3], s[6]])]
    assert by["gates"] == [("east", 4, 5, [s[1], s[3], s[6]]), ("north", 1, 1, [s[2]])]

    signing = {**asked, "day": "2026-03-02", "remark": "S000002 待收"}
    assert office.as_("guard").post("/slips/reconciliation", json=signing).status_code == 403
    signed = clerk.post("/slips/reconciliation", json=signing)
    assert (signed.status_code, signed.json()["by_name"], signed.json()["counts"]["not_collected"]) == (201, "goods_clerk", 4)
    assert clerk.post("/slips/reconciliation", json=signing).status_code == 409
    office.do(partly, "collect").raise_for_status()
    later = clerk.get("/slips/reconciliation", params={**asked, "day": "2026-03-02"}).json()
    assert (later["not_collected"]["count"], later["signed_off"]) == (3, signed.json())
    assert clerk.get("/slips/reconciliation", params={**asked, "day": "2026-03-04"}).json()["issued"]["count"] == 1
    assert office.show(used)["state"] == "collected"
    entry = office.as_("auditor").get("/audit", params={"kind": "slip_reconciliation"}).json()["items"][0]
    assert (entry["by_name"], entry["after"]["day"]) == ("goods_clerk", "2026-03-02")


@ON_ONE
def test_what_is_printed(office: Office) -> None:
    papers = [{"kind": "owner_consent", "reference": "d-1"}, {"kind": "other", "reference": "d-2", "person": "李明"}]
    details = {"unit": "3-1201", "reason": "furniture"}
    slip = office.slip("submit", "approve", "present", right="tenant", papers=papers, details=details)
    office.do(slip, "release", released=[{"line": 1, "quantity": 1}]).raise_for_status()
    told = office.as_("guard").get(f"/slips/{slip}/print").raise_for_status().json()
    assert (told["site"], told["number"], told["unit"], told["applicant"]) == ("湖畔花园", "S000001", "3-1201", "李明")
    assert (told["right"], told["reason"]["en"]) == ({"code": "tenant", "zh": "租户", "en": "tenant"}, "furniture")
    assert [paper["kind"]["zh"] for paper in told["papers"]] == ["业主同意书", "其他"]
    standing = [(line["asked"], line["released"], line["left"]) for line in told["lines"]]
    assert standing == [("4", "1", "3"), ("2.125", "0", "2.125")]
    assert (told["plates"], told["made_out"], told["valid_until"]) == (["粤B·12345"], "2026-03-02 10:00", "2026-03-03 00:00")
    assert [(part["part"], part["number"]) for part in told["parts"]] == [(1, "lakeside/S000001/1"), (2, "lakeside/S000001/2")]
    lines = [SlipLine(line["line"], line["item"], Decimal(line["asked"]), line["unit"], line["remark"]) for line in told["lines"]]
    assert told["digest"] == lines_digest(lines)
    assert told["labels"].keys() == LABELS.keys()
    assert office.as_("guard").get(f"/slips/{office.site}/print").status_code == 404


def test_every_choice_has_words() -> None:
    assert set(RIGHTS) == set(get_args(Right))
    assert set(REASONS) == set(get_args(Reason))
    assert set(get_args(PaperKind)) <= set(PAPERS)
