"""The privacy notice of a site, and the sign at its gates: made from what the site has set, and how long it keeps what."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Final, NamedTuple
from uuid import UUID

from central.errors import RegistryError
from central.privacy import texts
from central.privacy.schemas import Language, PrivacySettings
from central.privacy.settings import settings_of
from central.registry import Work
from central.retention.keeping import days_of
from central.retention.profiles import CLASSES, Days
from central.sites.existing import existing_site

STYLE: Final = (
    "@page{size:A4;margin:18mm}body{font:16px/1.6 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:46em;margin:2em auto;"
    "padding:0 1em;color:#111}h1{font-size:1.6em}h2{font-size:1.1em;margin:1.2em 0 .2em}table{border-collapse:collapse}"
    "td,th{border:1px solid #888;padding:.2em .8em;text-align:left}svg{width:100%;height:auto}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# The page has its style in itself, so that one file is all of it; nothing else may run or be fetched.
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"
_FONT: Final = "Noto Sans CJK SC, Microsoft YaHei, sans-serif"


class Facts(NamedTuple):
    """What a notice is made of."""

    site: str
    settings: PrivacySettings
    days: Days


def facts_of(work: Work, site_id: UUID) -> Facts:
    """Return what a site's notice is made of; RegistryError 404, 409 where nobody has said who answers for the data."""
    site = existing_site(work, site_id)
    settings = settings_of(work.session, site.id)
    if not (settings.controller and settings.contact):
        raise RegistryError("the notice needs who answers for the data, and how to reach them: set both first", 409, "controller")
    return Facts(site.name, settings, days_of(work.session, site.id))


def kept(days: int | None, language: Language) -> str:
    """Say for how long something is kept."""
    words = texts.TEXTS[language]
    return words["until_chosen"] if days is None else words["days"].format(days=days)


def notice(facts: Facts, language: Language) -> str:
    """Return the notice as an HTML page."""
    words, settings = texts.TEXTS[language], facts.settings
    law = texts.OF_LAW[language][settings.law]
    parts = [
        f"<h1>{escape(words['title'].format(site=facts.site))}</h1>",
        f"<p>{escape(words['lead'].format(site=facts.site, controller=settings.controller))}</p>",
        _section(words["who"], _lines(_who(settings, words))),
        _section(words["purpose"], _lines(texts.PURPOSES[language])),
        _section(words["basis"], _lines(law["basis"])),
        _section(words["what"], _lines(texts.WHAT[language])),
        _section(words["how_long"], _table(facts.days, language)),
        _section(words["shared"], _lines([settings.recipients or words["nobody"], words["no_transfer"]])),
        _section(words["rights"], _lines([*law["rights"], words["ask"].format(contact=settings.contact)])),
        _section(words["complaint"], _lines([settings.authority] if settings.authority else law["authority"])),
        _section(words["more"], f"<p>{escape(settings.more)}</p>") if settings.more else "",
    ]
    return _page(words["title"].format(site=facts.site), language, "".join(parts))


def _who(settings: PrivacySettings, words: Mapping[str, str]) -> Iterable[str]:
    for name in ("controller", "address", "contact", "officer"):
        value = getattr(settings, name)
        if value:
            yield f"{words[name]}{value}"


def _section(title: str, content: str) -> str:
    return f"<h2>{escape(title)}</h2>{content}"


def _lines(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _table(days: Days, language: Language) -> str:
    rows = (f"<tr><td>{texts.CLASSES[language][what]}</td><td>{kept(days.of(what), language)}</td></tr>" for what in CLASSES)
    return f"<table>{''.join(rows)}</table><p>{escape(texts.TEXTS[language]['held'])}</p>"


def _page(title: str, language: Language, content: str) -> str:
    lang = "zh-CN" if language == "zh" else "en"
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html><html lang="{lang}"><head>{head}</head><body>{content}</body></html>\n'


# --- the sign -----------------------------------------------------------------------------------


def sign(facts: Facts) -> str:
    """Return the sign as an HTML page with one A4 drawing, in both languages."""
    return _page(texts.TEXTS["zh"]["sign_title"], "zh", drawing(facts))


def drawing(facts: Facts) -> str:
    """Return the sign as SVG: 210 by 297, in millimetres."""
    settings, days = facts.settings, facts.days
    lines: list[tuple[float, float, str, str]] = [
        (128, 13, "700", texts.TEXTS["zh"]["sign_title"]),
        (141, 6.5, "400", texts.TEXTS["en"]["sign_title"]),
        (158, 6, "400", texts.TEXTS["zh"]["sign_purpose"]),
        (167, 4.4, "400", texts.TEXTS["en"]["sign_purpose"]),
    ]
    at = 184.0
    for language in ("zh", "en"):
        words = texts.TEXTS[language]
        size = 5.4 if language == "zh" else 4.2
        told = [
            words["controller"] + settings.controller,
            words["contact"] + settings.contact,
            words["sign_kept"].format(pictures=kept(days.pictures, language), identity=kept(days.identity, language)),
            words["sign_more"],
        ]
        for text in (part for line in told for part in _wrapped(line, size)):
            lines.append((at, size, "400", text))
            at += size * 1.55
        at += 4
    drawn = "".join(_text(*line) for line in lines)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297" role="img">'
        '<rect x="5" y="5" width="200" height="287" rx="8" fill="#fff" stroke="#0b4ea2" stroke-width="3"/>'
        f'<rect x="5" y="5" width="200" height="105" rx="8" fill="#0b4ea2"/>{CAMERA}{drawn}'
        f"{_text(284, 4.2, '400', facts.site)}</svg>"
    )


# A camera on its arm, that looks down to the left.
CAMERA: Final = (
    '<g fill="#fff"><rect x="150" y="28" width="8" height="60" rx="2"/><rect x="118" y="54" width="36" height="8"/>'
    '<g transform="rotate(-14 95 54)"><rect x="62" y="36" width="66" height="32" rx="5"/><rect x="46" y="41" '
    'width="18" height="22" rx="3"/><circle cx="112" cy="52" r="4" fill="#0b4ea2"/></g>'
    '<path d="M40 74 L24 92 L48 92 Z" opacity="0.55"/></g>'
)
WIDTH: Final = 176.0


def _text(at: float, size: float, weight: str, text: str) -> str:
    return (
        f'<text x="105" y="{at:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="middle" fill="#111" '
        f'font-family="{_FONT}">{escape(text)}</text>'
    )


def _wrapped(text: str, size: float) -> Iterable[str]:
    """Yield the lines of a text: a Chinese character is as wide as it is high, others about half of that."""
    line, width = "", 0.0
    for character in text:
        width += size * (0.55 if character.isascii() else 1.0)
        if width > WIDTH:
            head, _, tail = line.rpartition(" ") if " " in line[-20:] and character.isascii() else (line, "", "")
            yield head
            line, width = tail, sum(size * (0.55 if each.isascii() else 1.0) for each in tail + character)
        line += character
    if line:
        yield line
