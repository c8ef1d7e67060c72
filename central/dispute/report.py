"""The readable page of a dispute file: plain HTML in both languages, to be read and printed; no scripts, nothing fetched."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from access.words import LANGUAGES
from central.dispute.verify_dispute import row
from central.log.schemas import StoryEntry
from central.log.words import explained
from central.office import words
from central.office.story import steps

STYLE = "body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:2px 6px;\
vertical-align:top;text-align:left;overflow-wrap:anywhere}th,td:nth-child(-n+4){overflow-wrap:normal}\
img{max-width:100%;max-height:20em}"
TITLES = {
    "title": ("争议文件", "Dispute file"),
    "trust": (
        "本页由管理中心签署。请用从别处取得的核验程序核对整个文件，并将公钥指纹与纸面比对：文件内的公钥只证明文件自身一致。",
        "Signed by the registry. Check the whole file with a verifier from elsewhere, and compare its keys with paper.",
    ),
    "passage": ("通行", "Passage"),
    "story": ("经过", "What happened"),
    "entries": ("记录", "Entries"),
    "keys": ("公钥", "Keys"),
    "proofs": ("证明", "Proofs"),
    "pictures": ("图片", "Pictures"),
    "missing": ("未能提供", "Not available"),
}
COLUMNS = (
    ("编号", "number"),
    ("UTC 时间", "UTC time"),
    ("车道", "lane"),
    ("种类", "kind"),
    ("代码", "codes"),
    ("当地时间、说明", "local time, words"),
)
FACTS = {
    "site": ("小区", "site"),
    "zone": ("时区", "time zone"),
    "gate": ("大门", "gate"),
    "edge": ("门口机", "edge"),
    "passage": ("通行编号", "passage"),
    "made_at": ("导出时间", "made at"),
    "purpose": ("用途", "purpose"),
}
Facts = Mapping[str, Any]


def told_of(entry: Facts) -> dict[str, list[str]]:
    """Return what an entry says in sentences, by language: of a decision the rules that were asked too."""
    said = entry["said"]
    shown = StoryEntry(
        id=UUID(said["id"]),
        seq=entry["seq"],
        at=datetime.fromisoformat(said["at"]),
        after_ms=0,
        kind=said["kind"],
        fields=said["fields"],
        erased=tuple(entry["erased"]),
        sentence=explained(said["kind"], said["fields"]),
    )
    return {language: list(_lines(shown, language)) for language in LANGUAGES}


def _lines(shown: StoryEntry, language: str) -> Iterator[str]:
    translate = words.catalogue(language).gettext
    for step in steps([shown], language, translate):
        details = "; ".join(f"{name}: {value}" if value else name for name, value in step.details)
        yield f"{step.text} ({details})" if details else step.text


def page(dispute: Facts) -> str:
    """Return the whole page."""
    return "\n".join(
        (
            '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8">',
            f"<title>{_both('title')}</title><style>{STYLE}</style></head><body>",
            f"<h1>{_both('title')}</h1><p>{'</p><p>'.join(map(escape, TITLES['trust']))}</p>",
            *_passage(dispute),
            f"<h2>{_both('entries')}</h2><table><tr>{''.join(f'<th>{zh}<br>{en}</th>' for zh, en in COLUMNS)}</tr>",
            *(f"{row(entry)}<td>{_paragraphs(entry, dispute['zone'])}</td></tr>" for entry in dispute["entries"]),
            "</table>",
            *_proofs(dispute),
            *_list("missing", [f"{one['zh']} / {one['en']}" for one in dispute["missing"]]),
            "</body></html>\n",
        )
    )


def _passage(dispute: Facts) -> Iterator[str]:
    facts = [f"{en} {zh}: {dispute[name]}" for name, (zh, en) in FACTS.items()]
    facts.append(f"rules revision 规则版本: {', '.join(str(one['revision']) for one in dispute['rules']) or '—'}")
    yield from _list("passage", facts)
    if dispute["story"]:
        yield f"<h2>{_both('story')}</h2>" + "".join(f"<p>{escape(dispute['story'][language])}</p>" for language in LANGUAGES)


def _proofs(dispute: Facts) -> Iterator[str]:
    keys = dispute["keys"]
    told = [f"{name}: {key['fingerprint']} = {key['public']}" for name, key in sorted(keys.items())]
    edge = keys["edge"]
    told.append(
        f"{edge['name']}: enrolled 登记 {edge['enrolled_at']}, approved 批准 {edge['approved_at'] or '—'}, {edge['approved_by']}"
    )
    yield from _list("keys", told)
    head = dispute["tree"]["head"]
    proofs = [f"tree head 树头: {head['size']}, {head['root']}"]
    for run in dispute["runs"]:
        at = run["countersigned"]["checkpoint"]
        proofs.append(f"checkpoint 检查点: {at['epoch']} {at['seq']}, {at['head']}")
    proofs += [
        f"published 已公布: {one['head']['size']}, {one['head']['root']}, {one['target']}" for one in dispute["tree"]["published"]
    ]
    yield from _list("proofs", proofs)
    yield from _list("pictures", [f"{one['name']} ({one['size']})" for one in dispute["pictures"]])
    for one in dispute["pictures"]:  # seen where the archive is unpacked
        yield f'<p><img src="{escape(one["name"])}" alt="{escape(one["name"])}"></p>'


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"<h2>{_both(title)}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _both(title: str) -> str:
    return escape(" / ".join(TITLES[title]))


def _paragraphs(entry: Facts, zone: str) -> str:
    """Return when it was on the site's own clock, and what it says."""
    told, at = entry["told"], datetime.fromisoformat(entry["said"]["at"]).astimezone(ZoneInfo(zone))
    return f"<b>{at:%Y-%m-%d %H:%M:%S}</b><br>" + "<br>".join(
        escape(" · ".join(told[language])) for language in LANGUAGES if told[language]
    )
