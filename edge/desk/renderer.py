"""Templates to pages and parts: a part is a piece of a page that changes by itself, the same in both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from access.alarms import alarm_in_words, detail_in_words
from access.code_words import code_in_words
from access.obligations import Obligation, obligation_in_words
from access.reasons import sentence, why_in_words
from access.signs import sign_in_words
from access.words import LANGUAGES
from edge.config import GateConfig
from edge.desk import offers, presentation, words
from edge.desk.feature import Told
from edge.desk.presentation import LaneShown
from edge.desk.situation import Situation

FEED_SHOWN = 40
# The parts of each page, beside those that all have.
PARTS: Mapping[str, tuple[str, ...]] = {
    "lanes": ("refers", "refers-tab", "feed"),
    "devices": ("devices",),
    "emergency": ("evacuation", "evacuation-acts", "standing"),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from: `now` monotonic seconds, `utc` seconds of the epoch."""

    now: Callable[[], float]
    utc: Callable[[], float]


class Renderer:
    """Renders for one gate; everything that is shown comes from its configuration and its situation."""

    def __init__(self, config: GateConfig, situation: Situation, clock: Clock) -> None:
        self._config = config
        self._situation = situation
        self._clock = clock
        self._environments = {language: self._environment(language) for language in LANGUAGES}

    def page(self, name: str, language: str, told: Told | None = None, **values: Any) -> str:
        """Return a whole page; one that has parts shows them as they are now."""
        parts = _marked(self.parts(name, language, told, still=True))
        shared = told.values if told else {}
        return self._render(f"{name}.html", language, **{**shared, **values, "parts": parts, "page": name})

    def parts(self, page: str, language: str, told: Told | None = None, *, still: bool = False) -> dict[str, str]:
        """Return the parts of a page by id. In a `still` page lengths of time are written out, else the script counts them."""
        lanes = presentation.lanes_shown(self._config, self._situation)
        shared = {"still": still, "lanes": lanes, "refers": presentation.refers(lanes)}
        names = ("gate", "honesty", *PARTS.get(page, ()))
        parts = {name: self._render(_part(name), language, **shared) for name in names}
        if told:
            parts |= {part: self._render(f"{part}.html", language, **shared, **told.values) for part in told.parts}
        if page == "lanes":
            parts |= {f"name-{lane.id}": str(escape(lane.name)) for lane in lanes}
            parts |= {
                f"{name}-{lane.id}": self._render(_part(name), language, lane=lane, **shared)
                for lane in lanes
                for name in ("lane", "acts")
            }
        return parts

    def display(self, lane: LaneShown, language: str) -> str:
        """Return the page that a lane's driver sees."""
        parts = _marked(self.display_parts(lane, language, still=True))
        return self._render("display.html", language, parts=parts, lane=lane)

    def display_parts(self, lane: LaneShown, language: str, *, still: bool = False) -> dict[str, str]:
        """Return what changes on the page that a lane's driver sees."""
        return {"display": self._render(_part("display"), language, lane=lane, still=still)}

    def _render(self, template: str, language: str, **values: Any) -> str:
        facts = {"situation": self._situation, "mono": self._clock.now(), "utc": self._clock.utc()}
        return self._environments[language].get_template(template).render(facts | values)

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
        environment.filters["span"] = presentation.span
        environment.globals.update(
            _=words.catalogue(language).gettext,
            words=words,
            why_in_words=why_in_words,
            alarm_in_words=alarm_in_words,
            detail_in_words=detail_in_words,
            sign_in_words=sign_in_words,
            shown=presentation,
            offers=offers,
            language=language,
            languages=LANGUAGES,
            config=self._config,
            feed_shown=FEED_SHOWN,
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


def _marked(parts: Mapping[str, str]) -> dict[str, Markup]:
    return {part: Markup(html) for part, html in parts.items()}  # noqa: S704 - our templates have escaped what is in them
