"""What comes of a booth that was cut off for long, by a clock that was wrong, or from guards who have left since."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, update

from access.acts import BREAK_GLASS
from access.contract.booth_records import VisitAtBooth
from access.contract.sync import ENTRIES_PER_BATCH_MAX
from central.audit.tables import AuditEntry
from central.booth.job import follow_booths, following_booths
from central.booth.reading import ACTS_PER_PIECE
from central.booth.tables import BoothAct, BoothCount
from central.registry import Registry
from central.tables import JournalEntry
from tests.central.booth.post import GUARD, Post
from tests.central.booth.test_booth import says_yes, terms
from tests.central.codes.reading import told
from tests.central.databases import ON_ONE
from tests.sizes import sized
from tests.waiting import wait_until

pytestmark = ON_ONE
YEARS = timedelta(days=5 * 365)


def walks_in(post: Post, minutes: float, host: str, guard: str = GUARD, **details: Any) -> str:
    """Let somebody be asked for and let in, and return the visit."""
    walk_in = post.new_id(minutes)
    asked = {"terms": terms(post, host, minutes, valid_from=post.at(minutes).isoformat())}
    post.act(minutes, "visit", walk_in, "VisitAsked", guard, details={"name": "张伟", **details}, values=asked)
    post.act(minutes + 1, "visit", walk_in, "HostAgreed", guard, **says_yes(host))
    return walk_in


@pytest.mark.parametrize("ahead", [YEARS, -YEARS])
def test_a_clock_that_is_years_off_loses_nobody(post: Post, ahead: timedelta) -> None:
    since = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    post.made("/guards", name="新来的", badge="301", pin="246810", valid_from=since)
    host = post.made("/persons", name="李小明", unit="3-1201")
    post.began, post.quality = post.began + ahead, "floor"
    visits = [walks_in(post, 0, host), walks_in(post, 5, host, "301")]
    post.act(30, "visit", visits[0], "VisitorsLeft", people=1, gate="east")
    note = post.new_id()
    post.act(31, "duty", note, "note", words="时钟不对")
    post.sync()
    assert post.left() == []
    first, second = (post.shown(f"/visits/{each}") for each in visits)
    assert (first["state"], first["record"]["arrived"]) == ("out", 1)
    assert second["record"]["inside"] == 1
    assert post.shown(f"/duty-log/{note}")["text"] == "时钟不对"


def test_who_has_left_since_had_the_right_to_act_then(post: Post, admin: httpx.Client) -> None:
    host = post.made("/persons", name="李小明", unit="3-1201")
    [badge] = post.shown("/guards", badge=GUARD)["items"]
    post.act(0, "round", round_ := post.new_id(), "begin", route=patrol_route(post))
    post.act(1, "round", round_, "end")
    visit = walks_in(post, 2, host)
    by_code = walks_in(post, 10, host, BREAK_GLASS)
    post.act(12, "visit", by_code, "VisitorsLeft", BREAK_GLASS, people=1, gate="east")
    gone = {name: badge[name] for name in ("name", "badge", "valid_from", "valid_until")}
    admin.put(f"/guards/{badge['id']}", json={"site": post.site, **gone, "status": "revoked"}).raise_for_status()
    post.sync()
    assert post.left() == []
    assert (post.shown(f"/visits/{visit}")["state"], post.shown(f"/visits/{by_code}")["state"]) == ("overstayed", "out")
    assert post.shown(f"/patrol-rounds/{round_}")["guard"] == GUARD
    assert post.events(f"/visits/{by_code}")[0]["by_name"] == BREAK_GLASS
    assert post.shown("/conflicts")["items"] == []


def changed(post: Post, badge: str, **facts: Any) -> None:
    """Have the office change a guard's record."""
    [row] = post.shown("/guards", badge=badge)["items"]
    known = {name: row[name] for name in ("name", "badge", "is_leader", "status", "valid_from", "valid_until")}
    post.admin.put(f"/guards/{row['id']}", json={"site": post.site, **known, **facts}).raise_for_status()


def ended(post: Post) -> dict[str, str]:
    """Return by guard what the ledger says of those who acted without the right to it."""
    rows = post.shown("/conflicts", kind="acted_after_revocation")["items"]
    whole = [post.shown(f"/conflicts/{row['id']}") for row in rows]
    return {row["sentence"]["zh"].split()[1]: f"{row['sentence']['zh']}|{len(row['stories'])}" for row in whole}


def test_who_acts_after_their_access_ended_is_followed_and_found(post: Post, registry: Registry) -> None:
    """The gate heard nothing of what the office changed an hour after it was cut off."""
    for badge in ("401", "402", "403"):
        post.made("/guards", name=f"保安{badge}", badge=badge, pin="246810", is_leader=badge == "402")
    changed(post, "401", status="revoked")
    changed(post, "402", is_leader=False)
    gone = post.shown("/guards", badge="403")["items"][0]["id"]
    post.admin.delete(f"/guards/{gone}").raise_for_status()
    with registry.write() as work:
        of_guards = update(AuditEntry).where(AuditEntry.kind == "guards", AuditEntry.act != "created")
        at_us = round(post.at(60).timestamp() * 1e6)
        work.session.execute(of_guards.values(at_us=at_us))
        facts = {"site_id": UUID(post.site), "kind": "guards", "version": 2, "act": "deleted", "at_us": at_us, "by_name": "x"}
        others = {**facts, "by_role": "x", "origin": "x", "reason": "", "before": {"badge": "999"}}
        work.session.add_all(AuditEntry(id=work.new_id(), record_id=work.new_id(), **others) for _ in range(250))
    notes = [post.new_id(n) for n in range(5)]
    for note, minutes, badge in zip(notes, (59, 70, 71, 59, 72), ("401", "401", "401", "403", "403"), strict=True):
        post.act(minutes, "duty", note, "note", badge, words="一切正常")
    for n in range(25):
        post.act(73, "duty", post.new_id(100 + n), "note", "401", words="一切正常")
    for minutes in (50, 80):
        slip, until = post.new_id(minutes), post.at(300).isoformat()
        terms = {"lines": [{"number": 1, "item": "台灯", "asked": "1"}], "right": "owner", "valid_until": until}
        post.act(minutes, "slip", slip, "SlipDrafted", details={"applicant": "赵六", "unit": "3-1201"}, terms=terms)
        post.act(minutes + 1, "slip", slip, "SlipSubmitted")
        night = {"role": "shift_leader", "words": "连夜搬走", "only_gate": "here"}
        post.act(minutes + 2, "slip", slip, "SlipApprovedAtNight", "402", **night)
    post.sync()
    assert post.left() == []
    assert [post.shown(f"/duty-log/{each}")["guard"] for each in notes] == ["401"] * 3 + ["403"] * 2
    assert post.shown(f"/slips/{slip}")["record"]["approved_by"] == "402"
    said = ended(post)
    assert sorted(said) == ["401", "402", "403"]
    assert ("注销" in said["401"], "办理 27 次|21" in said["401"]) == (True, True)
    assert ("免去班长" in said["402"], "办理 1 次|2" in said["402"]) == (True, True)
    assert ("删除" in said["403"], "办理 1 次|2" in said["403"]) == (True, True)
    assert {each["severity"] for each in post.shown("/conflicts")["items"]} == {"high"}


def patrol_route(post: Post) -> str:
    point = post.made("/patrol-points", name="大门", code="GATE-" + "7" * 59)
    return post.made("/patrol-routes", name="夜间路线", stops=[{"point": point, "minutes": 5}])


def test_words_that_the_office_refuses_cost_no_act(post: Post, registry: Registry) -> None:
    host = post.made("/persons", name="李小明", unit="3-1201")
    typed: dict[str, Any] = {
        "name": "张\u200b伟\x00",
        "company": "长" * 300,
        "purpose": "送\t货",
        "phone_tail": "12",
        "plates": ["?", "粤b·12345"],
    }
    visit = walks_in(post, 0, host, **typed)
    unit = {"unit": "远" * 400, "host_name": "远" * 400}
    far = post.new_id()
    post.act(5, "visit", far, "VisitAsked", details={"name": "\u200b"}, terms=terms(post, "远" * 400, 5, **unit))
    post.act(6, "duty", note := post.new_id(), "note", words="一切\u2028正常")
    post.sync()
    assert post.left() == []
    shown = post.shown(f"/visits/{visit}")
    assert (shown["details"]["name"], shown["details"]["purpose"], shown["phone_tail"]) == ("张伟", "送 货", "")
    assert (len(shown["details"]["company"]), shown["record"]["terms"]["plates"]) == (200, ["粤B12345"])
    assert post.shown(f"/duty-log/{note}")["text"] == "一切 正常"
    at_booths = {str(one.id): one for one in told(registry, post.site) if isinstance(one, VisitAtBooth)}
    assert (at_booths[visit].host_id, len(at_booths[far].host_id)) == (host, 200)
    assert (at_booths[visit].name, at_booths[far].name, at_booths[far].initials) == ("张*", "", ""), "no name is no name"


def test_an_entry_that_was_tampered_with_holds_up_nobody(post: Post, registry: Registry) -> None:
    spoilt, sound = post.new_id(), post.new_id()
    post.act(0, "duty", spoilt, "note", post="东门岗", words="一")
    post.act(1, "duty", sound, "note", words="二")
    post.gate.send()
    with registry.write() as work:
        work.session.execute(update(JournalEntry).where(JournalEntry.seq == 1).values(canonical=b"nothing of ours"))
    follow_booths(registry)
    assert post.shown(f"/duty-log/{sound}")["text"] == "二"
    assert follow_booths(registry) == 0


@pytest.fixture
def many(post: Post) -> int:
    number = sized(quick=5 * ACTS_PER_PIECE + 1, soak=10_000)
    for n in range(number):
        post.act(n / 100, "count", "", "count", what="bicycle", direction="in", number=1)
    for first in range(1, len(post.gate.entries) + 1, ENTRIES_PER_BATCH_MAX):
        post.gate.send(first, first + ENTRIES_PER_BATCH_MAX - 1)
    return number


def test_what_comes_after_weeks_is_followed_without_a_pause(many: int, registry: Registry) -> None:
    """An hour between two looks: nothing but the first of them does it."""

    def counted() -> int:
        with registry.read() as work:
            return work.session.scalars(select(func.count()).select_from(BoothCount)).one()

    follow_booths(registry, 1)
    assert 0 < counted() < many, "it is done in pieces, and goes on where it was"
    with following_booths(registry, every_s=3600, first_after_s=0):
        wait_until(lambda: counted() == many, sized(quick=30, soak=300))
    with registry.read() as work:
        assert work.session.scalars(select(func.count()).select_from(BoothAct)).one() == many
