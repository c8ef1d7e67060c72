"""A booth in this process, with a real journal and real rules, whose clocks a test moves; and every form that its pages send.

`STEPS` are in the order of a day: each finds the state that those before it have left. A new route that takes forms fails a test
until it has a step.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import httpx
import structlog
from jinja2.bccache import Bucket, BytecodeCache

from access.contract.booth_records import (
    CardAtBooth,
    CategoryAtBooth,
    LineAtBooth,
    NoticeAtBooth,
    RouteAtBooth,
    SettingsAtBooth,
    ShiftAtBooth,
    SlipAtBooth,
    StopAtBooth,
    UnitAtBooth,
    VisitAtBooth,
    Worded,
)
from access.contract.record_fields import Record
from access.contract.records import PersonRecord
from access.passes import DIGEST_BYTES, Pass
from access.workflows.release_slip import SlipLine, lines_digest
from edge.booth_messages import GuardReply, GuardRequest, RecordAct
from edge.config_file import load
from edge.desk.app import create_app
from edge.desk.booth import make_booth
from edge.desk.features import FEATURES
from edge.desk.goods.codes import remember
from edge.desk.renderer import Clock
from edge.messages import GateView, SyncState
from edge.places import Places
from tests.edge.desk.contractors import pass_told, permit_told
from tests.edge.desk.forms import Form, form_of
from tests.edge.desk.post import Post
from tests.edge.desk.wire import BADGE, CONFIG, PIN, SECOND_BADGE, SECOND_PIN, guard_record, lane_view, second_record
from tests.edge.desk.wire import write_snapshot as write_rules

LEADER_BADGE, LEADER_PIN, LEADER_ID = "1009", "8642", UUID("0190b6a0-0000-7000-8000-000000000009")
LEADS: dict[str, Any] = {"badge": LEADER_BADGE, "pin": LEADER_PIN, "reason": "at once"}
RELIEVES: dict[str, Any] = {"badge": SECOND_BADGE, "pin": SECOND_PIN}
COMING, WAITING, REFUSED = (UUID(int=0x700 + at) for at in range(3))
P_IN, P_OUT, P_MOVED, P_BAD, P_TAKEN, P_LOST = (UUID(int=0x600 + at) for at in range(6))
S_GOES, S_HELD, S_SEEN, S_CODE = (UUID(int=0x500 + at) for at in range(4))
SHIFT, SECOND_SHIFT, ROUTE, CARD, OTHER_CARD, UNIT = (UUID(int=0x400 + at) for at in range(6))
ALARM = UUID(int=9)
HOUR = 3600
PAPER = (SlipLine(1, "sofa", Decimal(1), "pc"),)
Text = Callable[[str], str]
BASE = "http://127.0.0.1:8600"
T = TypeVar("T")


def plain(text: str) -> str:
    """Return a text as it is: the records' own, where a test puts none of its own in."""
    return text


def records(text: Text = plain) -> list[Record]:
    """Return what the registry has told of a site; `text` is asked for every text that people choose."""
    now = int(time.time())
    window = {"valid_from": now - HOUR, "valid_until": now + HOUR, "changed_at": now - HOUR}
    visit: dict[str, Any] = {
        "name": text("Zhao"),
        "unit": text("3-1201"),
        "host": text("Li"),
        "company": text("Sun"),
        "purpose": text("talk"),
    }
    visit |= {"category": "unannounced", "party": 3, "phone_tail": "4321", "plates": ("粤B12D45",)}
    worker: dict[str, Any] = {
        "name": text("Wang"),
        "firm": text("Moon"),
        "trade": text("joiner"),
        "units": (text("3-1201"),),
        "schedule": None,
    }
    worker |= {"responsible": text("Chen"), "permit_number": text("ZX-7")[:40]}
    slip: dict[str, Any] = {
        "unit": text("3-1201"),
        "applicant": text("Li"),
        "lines": (LineAtBooth(number=1, item=text("sofa"), asked=2000),),
    }
    shift = {"post": text("gate"), "guard": BADGE, "guard_name": text("Zhang"), "day": "2026-03-02", "name": text("day")[:40]}
    kinds = ("unannounced", "appointment", "courier")
    return [
        SettingsAtBooth(
            id=UUID(int=1),
            categories=tuple(CategoryAtBooth(code=kind, zh=text(kind)[:40], en=text(kind)[:40]) for kind in kinds),
            equipment=(Worded(code="radio", zh=text("radio")[:40], en=text("radio")[:40]),),
            opening_reasons=(Worded(code="vip", zh=text("vip")[:40], en=text("vip")[:40]),),
            posts=(text("gate"),),
            lends_cards=True,
        ),
        UnitAtBooth(id=UNIT, label=text("3-1201")),
        PersonRecord(id=UUID(int=2), name=text("Li"), unit=text("3-1201")),
        CardAtBooth(id=CARD, printed=text("F001")[:40], state="stock"),
        CardAtBooth(id=OTHER_CARD, printed="F002", state="stock"),
        NoticeAtBooth(id=UUID(int=3), title=text("water"), text=text("off"), at_lane_display=True, valid_from=0),
        RouteAtBooth(
            id=ROUTE, name=text("round"), stops=(StopAtBooth(point=UUID(int=4), code="04A1", name=text("N"), minutes=9),)
        ),
        VisitAtBooth(id=COMING, number="V-1", state="approved", **visit, **window),
        *(VisitAtBooth(id=one, number=f"V-{one.int}", state="asked", **visit, **window) for one in (WAITING, REFUSED)),
        *(pass_told(one, f"P-{one.int}", **worker) for one in (P_IN, P_OUT, P_MOVED, P_BAD, P_TAKEN, P_LOST)),
        permit_told(units=(text("3-1201"),), workers_max=50),
        *(SlipAtBooth(id=one, number=f"S-{one.int}", state="approved", **slip, **window) for one in (S_GOES, S_HELD, S_SEEN)),
        *(
            ShiftAtBooth(
                id=one, number=f"D-{one.int}", state="planned", begins=now - 600, ends=now + HOUR, changed_at=now, **shift
            )
            for one in (SHIFT, SECOND_SHIFT)
        ),
    ]


class _Compiled(BytecodeCache):
    """Templates that were compiled before in this run: most of what a house costs is that."""

    codes: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self.codes.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key] = bucket.bytecode_to_string()


class Browser:
    """A browser at the booth; it says where its forms come from, as browsers do."""

    def __init__(self, loop: asyncio.AbstractEventLoop, app: Any, language: str) -> None:
        self._loop = loop
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        cookies = {"lang": language}
        self.addresses: list[str] = []
        self.client = httpx.AsyncClient(
            transport=transport, base_url=BASE, headers={"origin": BASE}, cookies=cookies, follow_redirects=True
        )
        self.client.event_hooks = {"request": [self._note]}

    async def _note(self, request: httpx.Request) -> None:
        self.addresses.append(str(request.url))

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return self._done(self.client.get(path))

    def post(self, path: str, data: Mapping[str, Any], **how: Any) -> httpx.Response:
        """Send a form."""
        return self._done(self.client.post(path, data=data or None, **how))

    def post_at_once(self, path: str, data: dict[str, Any], times: int) -> list[httpx.Response]:
        """Send a form several times at once."""

        async def all_of_them() -> list[httpx.Response]:
            return await asyncio.gather(*(self.client.post(path, data=data) for _ in range(times)))

        return self._done(all_of_them())

    def sign_in(self, badge: str = BADGE, pin: str = PIN) -> None:
        """Sign a guard in."""
        form = form_of(self.get("/sign-in").text, "/sign-in")
        answer = self.post("/sign-in", form.data(badge=badge, pin=pin), follow_redirects=False)
        assert answer.status_code == 303, answer.text

    def _done(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(30)


class House:
    """A booth, its gate (which writes, and answers as soon as it is asked) and the clocks that both pages and acts go by."""

    def __init__(self, folder: Path, text: Text = plain) -> None:
        self.ahead = 0.0  # of the monotonic clock
        self.utc_ahead = 0.0
        self.is_linked = True
        self.done: list[str] = []
        self.asked: list[GuardRequest] = []
        self.logged = structlog.testing.LogCapture()
        (folder / "gate.toml").write_text(CONFIG.replace("port = 0", 'port = 0\ncamera = "camera-in"', 1), encoding="utf-8")
        self.places = Places(folder / "var")
        self.places.make()
        self.post = Post(self.places)
        self.post.told(*records(text))
        self.answer: Callable[[RecordAct], GuardReply | None] = self.post.answer  # None: no answer comes
        self._written: set[str] = set()
        self.post.alarms.note(ALARM, "tailgating", time.time())
        facts = (
            ("set", f"held:{P_OUT}", ["in-1", int(time.time()) - 60]),
            ("set", f"transfer:{P_MOVED}", ["west-1", int(time.time()), "in-1"]),
        )
        self.post.change(*facts)
        clock = Clock(lambda: time.monotonic() + self.ahead, lambda: time.time() + self.utc_ahead)
        log = structlog.wrap_logger(None, processors=[self.logged])
        self.booth = make_booth(load(folder / "gate.toml"), self._send, clock, os.urandom, 8600, log, FEATURES)
        for environment in self.booth.renderer._environments.values():
            environment.bytecode_cache = _Compiled()
        self.app = create_app(self.booth)
        self._rules = folder / "7.snapshot"
        self.on_record(BADGE, SECOND_BADGE, LEADER_BADGE)
        remember(code_of_paper())
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def on_record(self, *badges: str) -> None:
        """Let these guards be on record and no others; the gate names its rules anew, and what stands at its lanes."""
        leader = guard_record(LEADER_BADGE, LEADER_PIN, "王*", guard=LEADER_ID) | {"leader": True}
        known = [guard for guard in (guard_record(), second_record(), leader) if guard["badge"] in badges]
        self._rules = write_rules(self._rules.with_suffix(f".{len(self._rules.suffix)}"), known)
        told = GateView(
            "east",
            "lakeside",
            "Asia/Shanghai",
            7,
            5,
            (),
            self.post.alarms.views(),
            SyncState(True, 5, 0, time.time(), 7, time.time()),
            "3.50",
            str(self._rules),
        )
        self.booth.hear(told)
        waits = {"state": "referred", "outcome": "refer", "reason": "unknown", "plate": "粤B7X230", "passage": "p1"}
        for view in (lane_view("in-1", **waits), lane_view("out-1"), lane_view("door-1")):
            self.booth.hear(view)

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self.post.close()

    def browser(self, badge: str = BADGE, pin: str = PIN, *, language: str = "en") -> Browser:
        """Return a browser whose guard has signed in."""
        browser = Browser(self._loop, self.app, language)
        browser.sign_in(badge, pin)
        return browser

    def _send(self, message: Any) -> bool:
        if not self.is_linked:
            return False
        if isinstance(message, GuardRequest):
            self.asked.append(message)
            self.done.append(message.act)
            self._answer(GuardReply(message.request, accepted=True))
        elif isinstance(message, RecordAct):
            if (reply := self.answer(message)) is not None:
                self._answer(reply)
            if self.post.has_done(message.request) and message.request not in self._written:
                self._written.add(message.request)
                self.done.append(message.act)
        return True

    def _answer(self, reply: GuardReply) -> None:
        asyncio.get_running_loop().call_soon(self.booth.hear, reply)


def code_of_paper() -> Pass:
    """Return what a signed code says of a slip of which the registry has told nothing."""
    now = int(time.time())
    digest = bytes.fromhex(lines_digest(PAPER))[:DIGEST_BYTES]
    return Pass("slip", S_CODE, now, now - 60, now + HOUR, number="S-77", digest=digest)


@dataclass(frozen=True)
class Step:
    """A form of a route: on which page it stands, what a guard enters, and what is done by it, once.

    `second` is what becomes of the same form sent by another browser later: changed (told that somebody was first), own (it is
    an act of its own), same (told that it is done, for it is), or shown (nothing is ever done by it). In addresses `{}` is what
    the step before has made. `instead` is where a button of the form sends it that has an address of its own; `opened_by` is a
    form of the page, and what is entered there, that leads to this one.
    """

    route: str
    page: str
    action: str
    fields: dict[str, Any] = field(default_factory=dict)
    done: tuple[str, ...] = ()
    second: str = "changed"

    instead: str = ""
    opened_by: tuple[str, dict[str, str]] | None = None

    @property
    def sent_to(self) -> str:
        """Where the button that is pressed sends the form."""
        return self.instead or self.action

    def at(self, made: str) -> "Step":
        """Return it with the record that a step before it has made."""
        return replace(self, page=self.page.replace("{}", made), action=self.action.replace("{}", made))

    def form(self, browser: Browser) -> Form:
        """Return the form on its page, as a browser finds it."""
        html = browser.get(self.page).text
        if self.opened_by:
            address, entered = self.opened_by
            html = browser.post(address, form_of(html, address).data(**entered)).text
        return form_of(html, self.action)

    def data(self, form: Form) -> dict[str, Any]:
        """Return what the guard sends; every item of a sheet is as expected, or in order."""
        codes = {name.removeprefix("how-") for name, _ in form.choices if name.startswith("how-")}
        known = {code for code in codes if (f"how-{code}", "expected") in form.choices}
        looked = {f"how-{code}": "expected" for code in known} | {f"how-{code}": "differs" for code in codes - known}
        looked |= {f"found-{code}": "all there" for code in codes - known}
        return form.data(**{**looked, **self.fields})


def _visit(act: str, done: str, second: str = "changed", visit: UUID = COMING, **fields: str) -> Step:
    return Step("/visitors/{visit}/{act}", f"/visitors/{visit}", f"/visitors/{visit}/{act}", fields, (done,), second)


def _pass(identity: UUID, act: str, done: str, **fields: str) -> Step:
    return Step("/passes/{identity}/{act}", f"/passes/{identity}", f"/passes/{identity}/{act}", fields, (done,))


def _slip(act: str, *done: str, slip: UUID = S_GOES, **fields: Any) -> Step:
    name = "picture/{line}" if act.startswith("picture") else act
    return Step(f"/goods/{{slip}}/{name}", f"/goods/{slip}", f"/goods/{slip}/{act}", fields, done)


def _shift(act: str, *done: str, shift: UUID = SHIFT, name: str = "", **fields: Any) -> Step:
    address = f"/handover/{shift}"
    return Step(f"/handover/{{identity}}/{name or act}", address, f"{address}/{act}", fields, done)


def _made(base: str, act: str, done: str, **fields: str) -> Step:
    return Step(f"{base}/{{identity}}/{act}", f"{base}/{{}}", f"{base}/{{}}/{act}", fields, (done,))


NIGHT = {"unit": "5-902", "applicant": "Zhou", "item-1": "piano", "quantity-1": "1", "unit-1": "pc", "right": "owner"}
ONE_GOES: dict[str, Any] = {"line-1": "1"}
ON_PAPER: dict[str, Any] = {"item-1": "sofa", "quantity-1": "1", "unit-1": "pc"}
SIGNED: dict[str, Any] = {"badge": BADGE, "pin": PIN}
STEPS: tuple[Step, ...] = (
    Step(
        "/lanes/{lane}/{act}", "/lanes/door-1/open_once", "/lanes/door-1/open_once", {"reason": "visitor"}, ("open_once",), "own"
    ),
    Step("/gate/{act}", "/gate/evacuate", "/gate/evacuate", {"reason": "fire"}, ("evacuate",), "own"),
    Step("/alarms", "/alarms", "/alarms", {"alarm": ALARM.hex}, ("acknowledge",), "own"),
    Step("/scan", "/", "/scan", {"text": "nothing of ours"}, (), "shown"),
    Step("/visitors/found", "/visitors", "/visitors/found", {"asked": "zhao"}, (), "shown"),
    Step("/visitors/scan", "/visitors", "/visitors/scan", {"text": "F001"}, (), "shown"),
    Step("/visitors/new/look", "/visitors/new", "/visitors/new", {"to": "3-1201"}, (), "shown", "/visitors/new/look"),
    Step(
        *("/visitors/new", "/visitors/new", "/visitors/new"),
        {"to": "3-1201", "means": "phone", "do": "agreed", "name": "Sun"},
        ("VisitAsked", "HostAgreed"),
        "own",
    ),
    _visit("arrive", "VisitorsArrived", people="1"),
    _visit("lend", "CardLent", card=str(CARD)),
    _visit("back", "CardGivenBack", card=str(CARD)),
    _visit("lend", "CardLent", card=str(OTHER_CARD)),
    _visit("lost", "LentCardLost", card=str(OTHER_CARD)),
    _visit("leave", "VisitorsLeft", people="1"),
    _visit("agree", "HostAgreed", visit=WAITING, means="phone"),
    _visit("refuse", "VisitRefused", visit=REFUSED, why="away"),
    Step("/passes/find", "/passes", "/passes/find", {"text": "moon"}, (), "shown"),
    Step("/passes/{identity}/scan", f"/passes/{P_IN}", f"/passes/{P_IN}/scan", {"text": f"P-{P_IN.int}-O"}, (), "shown"),
    _pass(P_IN, "enter", "WorkerEntered", original="true", duplicate=str(P_IN)),
    Step("/passes/count", "/passes/count", "/passes/count", {"hangs": [str(P_IN), str(P_OUT)]}, ("DuplicateCounted",) * 2, "own"),
    Step("/passes/leave", "/passes", "/passes/leave", {"hole": str(P_IN)}, ("WorkerLeft",)),
    _pass(P_OUT, "leave", "WorkerLeft"),
    _pass(P_MOVED, "back", "DuplicateBroughtBack"),
    _pass(P_BAD, "violation", "ViolationReported", reason="other", words="smoked"),
    _pass(P_TAKEN, "confiscate", "PassConfiscated", reason="not_holder"),
    _pass(P_LOST, "lost", "PassLost"),
    Step("/goods/find", "/goods", "/goods/find", {"text": "sofa"}, (), "shown"),
    Step("/goods/vehicle", "/goods", "/goods/vehicle", {"plate": "粤B12045", "act": "mark_loading"}, ("mark_loading",), "own"),
    Step("/goods/night", "/goods/night", "/goods/night", {**NIGHT, "step": "save"}, ("SlipDrafted", "SlipSubmitted"), "own"),
    Step("/goods/{slip}/approve", "/goods/{}", "/goods/{}/approve", LEADS, ("SlipApprovedAtNight",)),
    Step(
        *("/goods/{slip}/picture/{line}", f"/goods/{S_SEEN}", f"/goods/{S_SEEN}/release"),
        {"line-1": "1"},
        ("SlipPresented",),
        instead=f"/goods/{S_SEEN}/picture/1",
    ),
    _slip("release", "SlipPresented", "TripReleased", carrier="Wu 1234", vehicle="foot", **ONE_GOES),
    replace(_slip("release", "TripReleased", carrier="Wu 1234", vehicle="foot", **ONE_GOES), second="same"),
    _slip("collect", "SlipCollected"),
    _slip("hold", "SlipPresented", "MismatchFound", slip=S_HELD, what="one more television"),
    _slip("lines", "SlipPresented", slip=S_CODE, **ON_PAPER),
    Step("/foot/count", "/foot", "/foot/count", {"tile": "ebike:in"}, ("count",), "own"),
    Step("/foot/undo", "/foot", "/foot/undo", {}, ("count",), "same"),
    Step("/foot/look", "/foot", "/foot/look", {"text": "3-1201"}, (), "shown"),
    Step(
        *("/foot/check", "/foot", "/foot/check"),
        {"reason": "known", "result": "passed"},
        ("check",),
        "own",
        opened_by=("/foot/look", {"text": "3-1201"}),
    ),
    Step("/duty/notes", "/duty", "/duty/notes", {"kind": "order", "text": "two cars", "told": "Wang"}, ("note",), "own"),
    Step(
        *("/duty/incidents", "/duty/incidents/new", "/duty/incidents"),
        {"kind": "theft", "place": "garage", "text": "battery", "told": "Wang"},
        ("IncidentReported",),
        "own",
    ),
    _made("/duty/incidents", "follow-up", "EntryAdded", text="police came"),
    _made("/duty/incidents", "close", "IncidentClosed", text="handed over"),
    _made("/duty/incidents", "reopen", "IncidentReopened", text="one more"),
    Step("/duty/rounds", "/duty/rounds", "/duty/rounds", {"route": str(ROUTE)}, ("begin",), "own"),
    _made("/duty/rounds", "visit", "visit", code="04A1"),
    _made("/duty/rounds", "end", "end", remark="all well"),
    Step("/duty/shift/{identity}", "/duty/shift", f"/duty/shift/{SHIFT}", {}, ("GuardSignedIn",)),
    _shift("begin", "HandoverBegun"),
    _shift("check", *["ItemChecked"] * 11),
    _shift("refuse", "ItemRefused", **RELIEVES, code="keys", reason="one is missing"),
    _shift("decide", "LeaderDecided", **LEADS),
    _shift("sign/guard", "GuardSigned", name="sign/{party}", **SIGNED),
    _shift("sign/relief", "ReliefSigned", name="sign/{party}", **RELIEVES),
    _shift("sign/leader", "ShiftCountersigned", name="sign/{party}", badge=LEADER_BADGE, pin=LEADER_PIN),
    Step("/duty/shift/{identity}", "/duty/shift", f"/duty/shift/{SECOND_SHIFT}", {}, ("GuardSignedIn",)),
    _shift("begin", "HandoverBegun", shift=SECOND_SHIFT),
    _shift("missed", "ReliefMissed", shift=SECOND_SHIFT, reason="no answer"),
    _shift("check", *["ItemChecked"] * 11, shift=SECOND_SHIFT),
    _shift("decide", "LeaderDecided", shift=SECOND_SHIFT, **LEADS),
    _shift("for/guard", "LeaderSignedFor", shift=SECOND_SHIFT, name="for/{absent}", **LEADS),
)
# These have tests of their own: nobody is signed in yet, or nobody is afterwards.
AT_THE_DOOR = {"/sign-in", "/break-glass", "/sign-out"}
