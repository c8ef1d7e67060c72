"""The readable page of a dispute file: plain HTML in both languages, to be read and printed; no scripts, nothing fetched."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID

from access.words import LANGUAGES
from central.dispute.verify_dispute import row
from central.log.schemas import StoryEntry
from central.log.words import explained
from central.office import words
from central.office.story import steps

STYLE = "body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:2px 6px;\
vertical-align:top;text-align:left}code{word-break:break-all}"
TITLES = {
    "title": ("争议文件", "Dispute file"),
    "trust": (
        "本页由管理中心签署。请用从别处取得的核验程序核对整个文件,并将公钥指纹与纸面比对:文件内的公钥只证明文件自身一致。",
        "Signed by the registry. Check the whole file with a verifier from elsewhere, and compare its keys with paper.",
    ),
    "passage": ("通行", "Passage"),
    "story": ("经过", "What happened"),
    "entries": ("记录(编号、UTC 时间、车道、种类、代码、说明)", "Entries (number, UTC time, lane, kind, codes, words)"),
    "keys": ("公钥", "Keys"),
    "proofs": ("证明", "Proofs"),
    "pictures": ("图片", "Pictures"),
    "missing": ("未能提供", "Not available"),
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
            f"<h2>{_both('entries')}</h2><table>",
            *(f"{row(entry)}<td>{_paragraphs(entry['told'])}</td></tr>" for entry in dispute["entries"]),
            "</table>",
            *_proofs(dispute),
            *_list("missing", [f"{one['zh']} / {one['en']}" for one in dispute["missing"]]),
            "</body></html>\n",
        )
    )


def _passage(dispute: Facts) -> Iterator[str]:
    facts = [f"{name}: {dispute[name]}" for name in ("site", "gate", "edge", "passage", "made_at", "purpose")]
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


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"<h2>{_both(title)}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _both(title: str) -> str:
    return escape(" / ".join(TITLES[title]))


def _paragraphs(told: Mapping[str, Sequence[str]]) -> str:
    return "<br>".join(escape(" · ".join(told[language])) for language in LANGUAGES if told[language])
