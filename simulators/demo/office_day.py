"""What the property office has prepared before the day begins: roster, visits, a renovation, slips, rounds, notices.

Everything goes in by the office's API, as clerks do it. All persons and numbers are invented.
"""

import io
import random
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

import httpx
from PIL import Image, ImageDraw

from central.config import OFFICE_PREFIX
from simulators.demo.registry import GOODS_USER, OFFICE_USER
from simulators.estate import POST, ZONE, Estate

LEADER, LEADER_BADGE = "周班长", "1009"
FIRM: Final = "明亮装饰"
WORKERS: Final = (("赵大勇", "carpenter"), ("钱进", "painter"), ("孙立", "mason"), ("周强", "cleaner"), ("吴建", "mover"))
POINTS: Final = (("0101", "东门岗亭"), ("0102", "1 号楼大堂"), ("0103", "地库入口"), ("0104", "配电房"))
VISITOR_CARDS: Final = 6
PHOTO_PX: Final = 240
ANSWER_WITHIN_S: Final = 20.0


class OfficeDay:
    """A clerk who prepares the day; for one thread. Use as a context manager."""

    def __init__(self, url: str, password: str, estate: Estate, rng: random.Random) -> None:
        self._client = httpx.Client(base_url=f"{url}{OFFICE_PREFIX}", timeout=ANSWER_WITHIN_S, trust_env=False)
        self._estate = estate
        self._rng = rng
        self._client.headers["If-Match"] = "*"
        self._goods, self._manager = (self._signed_in(name, password) for name in (GOODS_USER, OFFICE_USER))
        self._client.headers["Authorization"] = self._manager
        self._site: str = self._get("/sites")["items"][0]["id"]
        self._units = cycle([holder.unit for holder in estate.residents])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def prepare(self, leader_pin: str) -> None:
        """Put all of it in; `leader_pin` is that of the shift leader, badge LEADER_BADGE."""
        self._make("/posts", name=POST)
        self._places()
        self._people_on_duty(leader_pin)
        self._cards()
        for name, phone in (("陈小姐", "13800138001"), ("黄先生", "13800138002"), ("Miller", "13800138003")):
            self.visit(name, phone)
        self.renovation(WORKERS)
        self.slip("李明", [("沙发", "1", "件"), ("纸箱", "12", "件"), ("地毯", "2.5", "米")])
        self.slip("王芳", [("冰箱", "1", "台")])
        self._rounds()
        self._notices()

    def visit(self, name: str, phone: str, **more: Any) -> dict[str, Any]:
        """Announce and approve a visit for the next resident's unit; return it."""
        until = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
        told = {"category": "appointment", "host_unit": next(self._units), "valid_until": until}
        made = self._make("/visits", details={"name": name, "phone": phone}, **(told | more))
        return self._act(f"/visits/{made['id']}", "approve")

    def renovation(self, workers: tuple[tuple[str, str], ...], until: str = "") -> list[dict[str, Any]]:
        """Lead a permit to its approval and hand out its workers' passes, valid `until` ("": like the permit); return these."""
        now, unit = datetime.now(UTC), next(self._units)
        window = {"valid_from": _day(now, -2), "valid_until": _day(now, 20)}
        terms = {"owner": "王建国", "firm": FIRM, "responsible": "李师傅", "units": [unit], "workers": len(workers)}
        permit = self._make("/permits", **terms, **window)["id"]
        place = f"/permits/{permit}"
        for act, body in (
            ("submit", {}),
            ("check-papers", {"papers": ["proof_of_title", "firm_licence", "firm_qualification"]}),
            ("note-fees", {"fees": "已缴", "deposit": "2000 元"}),
            ("approve", {}),
        ):
            self._act(place, act, **body)
        return [self._worker(permit, unit, *worker, until or window["valid_until"]) for worker in workers]

    def slip(self, applicant: str, lines: list[tuple[str, str, str]], **more: Any) -> dict[str, Any]:
        """Make out a goods-release slip and approve it; return it."""
        told = [{"item": item, "quantity": quantity, "unit": unit} for item, quantity, unit in lines]
        made = self._make("/slips", applicant=applicant, lines=told, details={"unit": next(self._units)}, **more)
        place = f"/slips/{made['id']}"
        self._act(place, "submit")
        self._client.headers["Authorization"] = self._goods
        try:
            return self._act(place, "approve")
        finally:
            self._client.headers["Authorization"] = self._manager

    def guard(self, name: str, badge: str, pin: str, *, is_leader: bool = False) -> None:
        """Put a guard on record."""
        self._make("/guards", name=name, badge=badge, pin=pin, is_leader=is_leader)

    def code(self, visit: str) -> str:
        """Return the text of a visit's signed code."""
        code: str = self._get(f"/visits/{visit}/badge")["code"]
        return code

    def listed(self, kind: str) -> list[dict[str, Any]]:
        """Return the site's records of a kind, as the API lists them first."""
        items: list[dict[str, Any]] = self._get(f"/{kind}?site={self._site}")["items"]
        return items

    def record(self, kind: str, identity: str) -> dict[str, Any] | None:
        """Return one record; None where there is none yet."""
        reply = self._client.get(f"/{kind}/{identity}")
        return None if reply.status_code == httpx.codes.NOT_FOUND else dict(reply.raise_for_status().json())

    # --- what is prepared -------------------------------------------------------------------------

    def _places(self) -> None:
        """Put the units of the residents on record, so that a guard finds them."""
        known: dict[str, str] = {}
        for holder in self._estate.residents:
            building, _, number = holder.unit.partition("-")
            if building not in known:
                known[building] = self._make("/buildings", name=building, floors=18)["id"]
            self._make("/units", building=known[building], number=number)

    def _people_on_duty(self, leader_pin: str) -> None:
        self.guard(LEADER, LEADER_BADGE, leader_pin, is_leader=True)
        today = datetime.now(ZoneInfo(ZONE)).date()
        badges = [guard.badge for guard in self._estate.guards]
        pattern = [
            {"shift": shift, "guards": [badge]}
            for shift, badge in zip(("早班", "中班", "夜班"), (*badges, LEADER_BADGE), strict=False)
        ]
        days = [(today + timedelta(days=n)).isoformat() for n in range(2)]
        self._make("/rosters/plan", posts=[POST], days=days, pattern=pattern)

    def _cards(self) -> None:
        for n in range(1, VISITOR_CARDS + 1):
            self._make("/cards", raw=self._rng.randbytes(4).hex().upper(), printed=f"访客 {n:02d}", kind="visitor_card")

    def _worker(self, permit: str, unit: str, name: str, trade: str, until: str) -> dict[str, Any]:
        person = f"{self._rng.randrange(10**8):08d}"
        window = {"valid_from": _day(datetime.now(UTC), -2), "valid_until": until}
        details = {"name": name, "phone": f"139{self._rng.randrange(10**8):08d}"}
        made = self._make("/passes", permit=permit, person=person, units=[unit], trade=trade, details=details, **window)
        place = f"/passes/{made['id']}"
        self._client.put(f"{place}/photo", content=face(self._rng), headers={"Content-Type": "image/jpeg"}).raise_for_status()
        return self._act(place, "hand-over", deposit="50 元")

    def _rounds(self) -> None:
        points = [self._make("/patrol-points", name=name, code=code)["id"] for code, name in POINTS]
        stops = [{"point": point, "minutes": 10 * n} for n, point in enumerate(points, 1)]
        self._make("/patrol-routes", name="夜间路线", stops=stops)

    def _notices(self) -> None:
        self._make(
            "/notices",
            title="今晚 22:00 地库清洗",
            text="请提前挪车。",
            title_en="Garage cleaned tonight from 22:00",
            at_lane_display=True,
        )
        self._make("/notices", title="快递统一放西门驿站", title_en="Parcels go to the west gate", at_booth=True)
        gone = {"subject_kind": "vehicle", "subject": self._estate.strangers[0].text, "destination": "机场接人"}
        self._make("/whereabouts", **gone, expected_back=(datetime.now(UTC) + timedelta(hours=2)).isoformat())

    # --- the API ----------------------------------------------------------------------------------

    def _signed_in(self, name: str, password: str) -> str:
        return f"Bearer {self._post('/sign-in', name=name, password=password)['token']}"

    def _get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def _make(self, path: str, **body: Any) -> dict[str, Any]:
        return self._post(path, site=self._site, **body)

    def _act(self, place: str, act: str, **body: Any) -> dict[str, Any]:
        return self._post(f"{place}/{act}", **body)

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        reply = self._client.post(path, json=body)
        if reply.is_error:
            raise RuntimeError(f"POST {path}: {reply.status_code} {reply.text[:500]}")
        told: dict[str, Any] = reply.json()
        return told


def _day(now: datetime, days: int) -> str:
    return (now + timedelta(days=days)).isoformat()


def face(rng: random.Random) -> bytes:
    """Return an invented portrait as JPEG: a head and shoulders in a colour of its own."""
    hue = rng.randrange(360)
    picture = Image.new("RGB", (PHOTO_PX, PHOTO_PX), f"hsl({hue}, 30%, 88%)")
    drawn = ImageDraw.Draw(picture)
    middle, skin = PHOTO_PX // 2, f"hsl({rng.randrange(18, 34)}, 45%, {rng.randrange(55, 80)}%)"
    drawn.ellipse((30, 160, PHOTO_PX - 30, 400), fill=f"hsl({(hue + 180) % 360}, 45%, 40%)")
    drawn.rectangle((middle - 18, 130, middle + 18, 180), fill=skin)
    drawn.ellipse((middle - 52, 40, middle + 52, 165), fill=skin)
    drawn.pieslice((middle - 56, 30, middle + 56, 150), 180, 360, fill=f"hsl({rng.randrange(40)}, 30%, {rng.randrange(8, 30)}%)")
    for side in (-1, 1):
        drawn.ellipse((middle + side * 22 - 5, 98, middle + side * 22 + 5, 108), fill="black")
    drawn.arc((middle - 20, 112, middle + 20, 145), 20, 160, fill="darkred", width=4)
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=80)
    return made.getvalue()
