"""Templates to pages, in each language."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from access.words import LANGUAGES
from central.office import words


class Renderer:
    """Renders the office's pages; everything that came from outside is escaped."""

    def __init__(self) -> None:
        self._environments = {language: _environment(language) for language in LANGUAGES}

    def page(self, template: str, language: str, **values: Any) -> str:
        """Return a whole page."""
        return self._environments[language].get_template(f"{template}.html").render(values)


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("central.office"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(words.catalogue(language), newstyle=True)  # type: ignore[attr-defined]  # made by the extension
    environment.filters |= {"clock": _clock, "day": _day, "span": _span, "query": urlencode}
    environment.globals.update(words=words, language=language, languages=LANGUAGES)
    return environment


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M:%S")


def _day(at: datetime, zone: ZoneInfo, today: datetime) -> str:
    """Return month and day, with the year where it is not this one."""
    local, now = at.astimezone(zone), today.astimezone(zone)
    return local.strftime("%m-%d" if local.year == now.year else "%Y-%m-%d")


def _span(milliseconds: float) -> str:
    """Return a length of time as people read it."""
    if milliseconds < 1000:
        return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds // 60_000:.0f} min {milliseconds % 60_000 / 1000:.0f} s"
