"""The roll call for an evacuation: everybody inside by zone, in one request, as a sheet (CSV) or a page to print and tick."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from html import escape
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from central.inside.schemas import GateWord, InsideShown, RollCallAsked
from central.inside.services import shown, state
from central.inside.words import DOUBTS, HEADERS, KINDS, TEXTS
from central.registry import Work
from central.tables import Gate, Site

STYLE: Final = (
    "@page{size:A4 landscape;margin:12mm}body{font:13px/1.4 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:1em;color:#111}"
    "h1{font-size:1.5em;margin:0}h2{font-size:1.2em;margin:1em 0 .3em}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #555;padding:.15em .5em;text-align:left}thead{display:table-header-group}tr{break-inside:avoid}"
    ".tick{width:2em}.warn{border:2px solid #b00;padding:.3em .6em}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"
COLUMNS: Final = (
    "site", "zone", "kind", "people", "name", "unit", "company", "credential", "number", "since", "gate", "overstayed", "uncertain"
)  # fmt: skip


class Line(NamedTuple):
    """One line of the list."""

    site: str
    zone: str
    one: InsideShown


class RollCall(NamedTuple):
    """Everybody inside at a moment, people before vehicles in each zone; with the words of the gates, and times by site."""

    lines: Sequence[Line]
    gates: Sequence[GateWord]
    names: Mapping[UUID, str]
    zones: Mapping[UUID, tzinfo]
    at: datetime


def roll_call(work: Work, asked: RollCallAsked) -> RollCall:
    """Return everybody inside of a site, or of all that the actor sees; RegistryError 422."""
    now = state(work, asked.site)
    sites = {one.id: one for one in work.session.scalars(select(Site)) if work.actor.sees(one.id)}
    names = dict(work.session.execute(select(Gate.id, Gate.name).where(Gate.site_id.in_(sites))).all())
    lines = [Line(sites[one.site].name, one.zone_name, one) for one in shown(work, now, now.everybody)]
    return RollCall(sorted(lines, key=_order), now.gates, names, {one.id: ZoneInfo(one.zone) for one in sites.values()}, work.at)


def _order(line: Line) -> tuple[str, str, bool, str, str, str, str]:
    one = line.one
    return line.site, line.zone, one.kind.endswith("_vehicle"), one.kind, one.unit, one.name, one.credential


def cells(call: RollCall, language: str) -> Iterator[list[str | int | bool | None]]:
    """Yield the rows of the sheet."""
    for line in call.lines:
        one = line.one
        yield [
            line.site,
            line.zone or TEXTS[language]["no_zone"],
            KINDS[language][one.kind],
            one.people,
            one.name,
            one.unit,
            one.company,
            one.credential,
            one.number,
            _clock(call, one.site, one.since),
            call.names.get(one.gate, "") if one.gate else "",
            one.overstayed,
            _doubts(one, language),
        ]


def headers(language: str) -> list[str]:
    """Return the heads of the columns."""
    return [HEADERS[language][name] for name in COLUMNS]


def page(call: RollCall, language: str) -> str:
    """Return the list as an HTML page with a box to tick for each line; it fetches and runs nothing."""
    words = TEXTS[language]
    title = words["title"]
    parts = [f"<h1>{escape(title)}</h1>", _head(call, language)]
    for (site, zone), lines in groupby(call.lines, key=lambda line: (line.site, line.zone)):
        parts.append(_section(call, f"{site} · {zone or words['no_zone']}", list(lines), language))
    if not call.lines:
        parts.append(f"<p>{escape(words['nobody'])}</p>")
    parts.append(f"<p>{escape(words['signed'])}</p>")
    lang = "zh-CN" if language == "zh" else "en"
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html><html lang="{lang}"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _head(call: RollCall, language: str) -> str:
    words = TEXTS[language]
    people = sum(line.one.people for line in call.lines if not line.one.kind.endswith("_vehicle"))
    vehicles = sum(line.one.kind.endswith("_vehicle") for line in call.lines)
    zone = next(iter(call.zones.values()), None)
    at = f"{call.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    said = f"<p>{escape(words['head'].format(at=at, people=people, vehicles=vehicles))}</p>"
    silent = [gate for gate in call.gates if gate.is_silent]
    if silent:
        told = words["comma"].join(
            f"{gate.name} {_clock(call, gate.site, gate.last_seen_at) if gate.last_seen_at else words['never']}"
            for gate in silent
        )
        said += f'<p class="warn">{escape(words["silent"].format(gates=told))}</p>'
    return said


def _section(call: RollCall, title: str, lines: Sequence[Line], language: str) -> str:
    names = [name for name in COLUMNS if name not in ("site", "zone")]
    count = sum(line.one.people for line in lines if not line.one.kind.endswith("_vehicle"))
    heads = "".join(f"<th>{escape(HEADERS[language][name])}</th>" for name in names)
    rows = "".join(_row(cell[2:], language) for cell in cells(call._replace(lines=lines), language))
    table = f'<table><thead><tr><th class="tick">✓</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    counted = TEXTS[language]["count"].format(people=count, lines=len(lines))
    return f"<h2>{escape(title)} {escape(counted)}</h2>{table}"


def _row(values: Sequence[str | int | bool | None], language: str) -> str:
    words = TEXTS[language]
    texts = [(words["yes"] if value else "") if isinstance(value, bool) else str(value) for value in values]
    return f'<tr><td class="tick"></td>{"".join(f"<td>{escape(text)}</td>" for text in texts)}</tr>'


def _doubts(one: InsideShown, language: str) -> str:
    return TEXTS[language]["comma"].join(DOUBTS[language][doubt] for doubt in one.uncertain)


def _clock(call: RollCall, site: UUID, at: datetime) -> str:
    return f"{at.astimezone(call.zones.get(site)):%Y-%m-%d %H:%M}"
