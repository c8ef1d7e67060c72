"""Templates to pages and parts: a part is a piece of a page that changes by itself, the same in both."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from access.alarms import alarm_in_words, detail_in_words
from access.code_words import code_in_words
from access.obligations import Obligation, obligation_in_words
from access.plate import shown
from access.reasons import sentence, why_in_words
from access.signs import sign_in_words
from access.words import BODY_COLOURS, LANGUAGES, VEHICLE_CLASSES, worded
from edge.config import GateConfig
from edge.desk import offers, presentation, words
from edge.desk.feature import Told
from edge.desk.heading import Heading
from edge.desk.look import CHOICES, LOOK, Look
from edge.desk.notices import Board
from edge.desk.presentation import LaneShown
from edge.desk.situation import Situation

FEED_SHOWN = 25
# The parts of each page, beside those that all have.
PARTS: Mapping[str, tuple[str, ...]] = {
    "lanes": ("refers", "refers-tab", "feed"),
    "devices": ("devices",),
    "emergency": ("evacuation", "evacuation-acts", "standing"),
    "alarms": ("alarms",),
}
EVERYWHERE = ("heading", "shift", "alarms-tab", "gate", "honesty")
# The ends of a template's lines between two tags: in a browser each would be a node of the lanes page, which has many.
LINE_ENDS = re.compile(r"(?<=>)[ \t]*\n\s*(?=<)")


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from: `now` monotonic seconds, `utc` seconds of the epoch."""

    now: Callable[[], float]
    utc: Callable[[], float]


class Renderer:
    """Renders for one gate; everything that is shown comes from its configuration and its situation."""

    def __init__(self, config: GateConfig, situation: Situation, clock: Clock, head: Callable[[], Heading]) -> None:
        self._config = config
        self._situation = situation
        self._clock = clock
        self._head = head
        self._environments = {language: self._environment(language) for language in LANGUAGES}

    def page(self, name: str, language: str, told: Told | None = None, me: str = "", **values: Any) -> str:
        """Return a whole page for a guard (`me`); one that has parts shows them as they are now."""
        parts = _marked(self.parts(name, language, told, me, still=True))
        shared = {**self._facts(), **(told.values if told else {})}
        html = self._render(f"{name}.html", language, {**shared, **values, "parts": parts, "page": name})
        return _without_line_ends(html) if name == "lanes" else html

    def parts(self, page: str, language: str, told: Told | None = None, me: str = "", *, still: bool = False) -> dict[str, str]:
        """Return the parts of a page by id. In a `still` page lengths of time are written out, else the script counts them."""
        lanes = presentation.lanes_shown(self._config, self._situation)
        waiting = presentation.refers(lanes, self._situation.asked, me, self._clock.now())
        shared = {**self._facts(), "still": still, "me": me, "lanes": lanes, "refers": waiting}
        names = (*EVERYWHERE, *PARTS.get(page, ()))
        parts = {name: self._render(_part(name), language, shared) for name in names}
        if told:
            parts |= {part: self._render(f"{part}.html", language, {**shared, **told.values}) for part in told.parts}
        if page == "lanes":
            parts |= {f"name-{lane.id}": str(escape(lane.name)) for lane in lanes}
            parts |= {
                f"{name}-{lane.id}": self._render(_part(name), language, {**shared, "lane": lane})
                for lane in lanes
                for name in ("lane", "acts")
            }
            parts = {name: _without_line_ends(html) for name, html in parts.items()}
        return parts

    def display(self, lane: LaneShown, language: str, board: Board, days_left: int | None) -> str:
        """Return the page that a lane's driver sees."""
        parts = _marked(self.display_parts(lane, language, board, days_left, still=True))
        look = LOOK.get()
        by_clock = replace(look, theme="clock") if look.theme == "auto" else look  # a screen out there is set to nothing
        return self._render("display.html", language, {**self._facts(by_clock), "parts": parts, "lane": lane})

    def display_parts(
        self, lane: LaneShown, language: str, board: Board, days_left: int | None, *, still: bool = False
    ) -> dict[str, str]:
        """Return what changes on the page that a lane's driver sees."""
        values = {**self._facts(), "lane": lane, "board": board, "days_left": days_left, "still": still}
        return {name: self._render(_part(name), language, values) for name in ("display", "board")}

    def _render(self, template: str, language: str, values: Mapping[str, Any]) -> str:
        return self._environments[language].get_template(template).render(values)

    def _facts(self, look: Look | None = None) -> dict[str, Any]:
        """Return what every template may show: found once for all parts of a page."""
        utc, look = self._clock.utc(), look or LOOK.get()
        hour = datetime.fromtimestamp(utc, ZoneInfo(self._config.gate.zone)).hour
        return {
            "situation": self._situation,
            "mono": self._clock.now(),
            "utc": utc,
            "head": self._head(),
            "look": look,
            "classes": look.classes(hour),
            "speaks": look.speaks(by_default=self._config.booth.spoken),
        }

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=PackageLoader("edge.desk"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["sentence"] = lambda told: sentence(told.reason, told.values, language) if told.reason else ""
        environment.filters["obligation"] = lambda due: obligation_in_words(Obligation(due.code, due.values), language)
        environment.filters["clock_time"] = self._clock_time
        environment.filters["code"] = lambda told: code_in_words(told, language, self._clock_time)
        environment.filters["plate"] = shown
        environment.filters["span"] = presentation.span
        environment.globals.update(
            _=words.catalogue(language).gettext,
            words=words,
            why_in_words=why_in_words,
            alarm_in_words=alarm_in_words,
            detail_in_words=detail_in_words,
            class_in_words=lambda code: worded(VEHICLE_CLASSES, code, language),
            colour_in_words=lambda code: worded(BODY_COLOURS, code, language),
            sign_in_words=sign_in_words,
            shown=presentation,
            offers=offers,
            language=language,
            languages=LANGUAGES,
            config=self._config,
            feed_shown=FEED_SHOWN,
            looks=CHOICES,
        )
        return environment

    def _clock_time(self, utc: float) -> str:
        """Return a time of day in the site's zone, with the date where it is not today's."""
        zone = ZoneInfo(self._config.gate.zone)
        moment, today = (datetime.fromtimestamp(seconds, UTC).astimezone(zone) for seconds in (utc, self._clock.utc()))
        return moment.strftime("%H:%M:%S" if moment.date() == today.date() else "%m-%d %H:%M:%S")


def _part(name: str) -> str:
    """Return the template of a part."""
    return f"parts/{name.replace('-', '_')}.html"


def _without_line_ends(html: str) -> str:
    return LINE_ENDS.sub("", html).strip()


def _marked(parts: Mapping[str, str]) -> dict[str, Markup]:
    return {part: Markup(html) for part, html in parts.items()}  # noqa: S704 - our templates have escaped what is in them
