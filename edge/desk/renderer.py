"""Templates to pages and parts: a part is a piece of a page that changes by itself, the same in both."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from access.alarms import alarm_in_words
from access.obligations import Obligation, obligation_in_words
from access.reasons import sentence, why_in_words
from access.words import LANGUAGES
from edge.config import GateConfig
from edge.desk import presentation, words
from edge.desk.situation import Situation

FEED_SHOWN = 40


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

    def page(self, name: str, language: str, **values: Any) -> str:
        """Return a whole page; one that has parts shows them as they are now."""
        parts = self.parts(name, language, still=True)
        marked = {part: Markup(html) for part, html in parts.items()}  # noqa: S704 - rendered and escaped just above
        return self._render(f"{name}.html", language, parts=marked, page=name, **values)

    def parts(self, page: str, language: str, *, still: bool = False) -> dict[str, str]:
        """Return the parts of a page by id. In a `still` page lengths of time are written out, else the script counts them."""
        lanes = presentation.lanes_shown(self._config, self._situation)
        shared = {"still": still, "lanes": lanes, "refers": presentation.refers(lanes)}
        names = {"gate": "parts/gate.html", "honesty": "parts/honesty.html"}
        if page == "devices":
            names["devices"] = "parts/devices.html"
        if page == "lanes":
            names |= {"refers": "parts/refers.html", "refers-tab": "parts/refers_tab.html", "feed": "parts/feed.html"}
        parts = {part: self._render(template, language, **shared) for part, template in names.items()}
        if page == "lanes":
            parts |= {f"name-{lane.id}": str(escape(lane.name)) for lane in lanes}
            parts |= {f"lane-{lane.id}": self._render("parts/lane.html", language, lane=lane, **shared) for lane in lanes}
        return parts

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
        environment.filters["span"] = presentation.span
        environment.globals.update(
            _=words.catalogue(language).gettext,
            words=words,
            why_in_words=why_in_words,
            alarm_in_words=alarm_in_words,
            shown=presentation,
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
