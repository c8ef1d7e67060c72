"""A permit and its passes over HTTP, as the offices of these tests have agreed on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

NOW = datetime.now(UTC).replace(microsecond=0)
FROM, UNTIL, LATER = (str(NOW + timedelta(days=days)) for days in (-2, 20, 30))
PAPERS = ["proof_of_title", "firm_licence", "firm_qualification"]
TERMS = {
    "owner": "王建国",
    "firm": "明亮装饰",
    "responsible": "李师傅",
    "units": ["3-1202", "3-1203"],
    "workers": 2,
    "valid_from": FROM,
    "valid_until": UNTIL,
}


def days(number: float) -> str:
    """Return the time so many days from now."""
    return str(NOW + timedelta(days=number))


def do(client: httpx.Client, place: str, act: str, **body: Any) -> httpx.Response:
    """Do an act of a record."""
    return client.post(f"{place}/{act}", json=body) if body else client.post(f"{place}/{act}")


def done(client: httpx.Client, place: str, act: str, **body: Any) -> dict[str, Any]:
    """Do an act that must succeed."""
    reply = do(client, place, act, **body)
    assert reply.status_code == 200, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


def no(client: httpx.Client, place: str, act: str, **body: Any) -> tuple[str, str]:
    """Return why an act is refused: the code and the field."""
    reply = do(client, place, act, **body)
    assert reply.status_code == 409, reply.text
    return reply.json()["code"], reply.json().get("field", "")


def draft(client: httpx.Client, site: str, **other: Any) -> str:
    """Begin an application; returns its place."""
    reply = client.post("/permits", json={"site": site, **TERMS, **other})
    assert reply.status_code == 201, reply.text
    return f"/permits/{reply.json()['id']}"


def approved(client: httpx.Client, site: str, **other: Any) -> str:
    """Lead an application to its approval; returns its place."""
    papers = other.pop("papers", PAPERS)
    place = draft(client, site, **other)
    done(client, place, "submit")
    done(client, place, "check-papers", papers=papers)
    done(client, place, "note-fees", fees="已缴", deposit="2000 元")
    done(client, place, "approve")
    return place


def wanted(site: str, permit: str, person: str, **other: Any) -> dict[str, Any]:
    """Return what is sent to issue a pass."""
    window = {"valid_from": FROM, "valid_until": days(10)}
    fixed = {"site": site, "permit": permit.rpartition("/")[2], "person": person, "units": ["3-1202"], **window}
    return {**fixed, "details": {"name": "赵大勇", "phone": "13800138000"}, **other}


def issued(client: httpx.Client, site: str, permit: str, person: str, **other: Any) -> str:
    """Issue a pass; returns its place."""
    reply = client.post("/passes", json=wanted(site, permit, person, **other))
    assert reply.status_code == 201, reply.text
    return f"/passes/{reply.json()['id']}"


def held(client: httpx.Client, site: str, permit: str, person: str, **other: Any) -> tuple[str, str]:
    """Issue a pass and hand it over; returns its place and number."""
    place = issued(client, site, permit, person, **other)
    number: str = done(client, place, "hand-over", deposit="50 元")["number"]
    return place, number
