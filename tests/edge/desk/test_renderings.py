"""What pages share of one another's rendering."""

import itertools
from dataclasses import dataclass, field

from edge.desk.renderings import FRESH_S, PAUSE_S, Parts, Renderings, State


@dataclass
class Shown:
    """Renderings with a clock and a state of the test's own."""

    now: float = 100.0
    state: State = ()
    count: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.renderings = Renderings(lambda: self.state, lambda: self.now)
        self.change()

    def change(self) -> None:
        self.state = (object(), self.state)

    def look(self, key: str = "zh") -> Parts:
        return self.renderings.shared(key, lambda: {"turn": f"{key}{next(self.count)}"})


def test_pages_that_show_the_same_share_it() -> None:
    shown = Shown()
    assert shown.look() is shown.look()
    assert shown.look("en") is not shown.look()
    before = shown.look()
    shown.change()
    assert shown.look() is not before


def test_time_alone_brings_some_of_it_about() -> None:
    shown = Shown()
    before = shown.look()
    shown.now += FRESH_S
    assert shown.look() is not before


def test_what_is_new_waits_a_moment_after_what_is_shown() -> None:
    shown = Shown()
    assert shown.renderings.pause_s() == 0, "nothing is shown yet"
    shown.look()
    assert shown.renderings.pause_s() == 0, "a page that comes now takes what is there"
    shown.change()
    shown.now += 0.02
    assert 0 < shown.renderings.pause_s() < PAUSE_S
    shown.now += PAUSE_S
    assert shown.renderings.pause_s() == 0
