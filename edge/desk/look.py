"""What a browser has chosen of how pages look and sound: kept in its cookies, known while a request is answered."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

DAY_BEGINS, DAY_ENDS = 7, 19  # hours of the site's zone
# What may be chosen, each with its values; the first is what holds where nothing was chosen.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("auto", "clock", "light", "dark"),
    "plates": ("usual", "big"),
    "spoken": ("", "on", "off"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """`theme` is auto (as the browser is set), clock, light or dark; `spoken` is "" where nobody has chosen."""

    theme: str = "auto"
    plates: str = "usual"
    spoken: str = ""

    def classes(self, hour: int) -> str:
        """Return the classes of a page at an hour of the day."""
        by_clock = "light" if DAY_BEGINS <= hour < DAY_ENDS else "dark"
        theme = {"clock": by_clock, "light": "light", "dark": "dark"}.get(self.theme, "")
        return " ".join(filter(None, (theme, "big" if self.plates == "big" else "")))

    def speaks(self, *, by_default: bool) -> bool:
        """Tell whether plates and alarms are read out."""
        return self.spoken == "on" if self.spoken else by_default


USUAL = Look()
LOOK: ContextVar[Look] = ContextVar("LOOK", default=USUAL)


def look_of(cookies: Mapping[str, str]) -> Look:
    """Return what these cookies choose; what is none of ours is as if nothing was chosen."""
    chosen = {name: cookies.get(name, "") for name in CHOICES}
    return Look(**{name: value if value in CHOICES[name] else CHOICES[name][0] for name, value in chosen.items()})
