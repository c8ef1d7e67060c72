"""What a gate does for itself beside its lanes: judges its clock, tells how full its disk is, lets go what has to go.

Lives in the consumer's thread, but for `hear`. What is written here is written before it is done, as everything else is.
"""

import queue
from collections.abc import Callable, Sequence
from typing import Any

from access.contract.records import ErasureRecord
from access.entries import AlarmRaised, Body, Expired, FactsChanged, HealthNoted
from edge.gate.clocks import GateClock
from edge.messages import ClockCompared
from edge.space.keeper import ErasuresStanding, Finding, Keeper, Measured, Outlived
from edge.space.levels import NAMES
from edge.space.pictures import Choice
from edge.store.disused import Disused
from edge.store.journal import Forgotten
from edge.store.scribe import Erased, Scribe

UPKEEP = "upkeep"
Write = Callable[[Sequence[Body]], None]


class Upkeep:
    """Looks at clock and disk at every tick; `alarms` are those that stand."""

    def __init__(self, clock: GateClock, scribe: Scribe, keeper: Keeper, write: Write, log: Any) -> None:
        self._clock = clock
        self._scribe = scribe
        self._keeper = keeper
        self._write = write
        self._log = log
        self._heard: queue.SimpleQueue[Finding | ClockCompared | Forgotten | Erased] = queue.SimpleQueue()
        self._measured = Measured(0, (), (), is_full=False)
        self._outlived: Outlived | None = None
        self._disused: Disused | None = None
        self._to_erase: Sequence[ErasureRecord] = ()
        self._going: list[Choice] = []

    def hear(self, told: Finding | ClockCompared | Forgotten | Erased) -> None:
        """Take in what the keeper has found, the registry said of the clock, or what the journal has let go; from any thread."""
        self._heard.put(told)

    @property
    def alarms(self) -> frozenset[str]:
        """Return the alarms that stand."""
        return self._clock.alarms | _alarms(self._measured)

    def tick(self, *, quiet: bool) -> None:
        """Do what is due. `quiet`: nobody is waiting for the journal."""
        while not self._heard.empty():
            self._take(self._heard.get_nowait())
        if judged := self._clock.look():
            self._write(judged)
        self._keeper.may_expire = self._clock.may_expire()
        self._drop()
        if quiet and self._outlived is not None and self._scribe.is_idle:
            self._forget(self._outlived)
        elif quiet and self._to_erase and self._scribe.is_idle:
            self._scribe.erase(self._to_erase, self.hear)
        elif quiet and self._disused is not None and self._scribe.is_idle:
            disused, self._disused = self._disused, None
            self._let_go(disused)

    def _take(self, told: Finding | ClockCompared | Forgotten | Erased) -> None:
        match told:
            case ClockCompared(offset_s, within_s):
                self._clock.compare(offset_s, within_s)
            case Measured():
                self._measure(told)
            case Choice():
                self._expire(told)
            case Outlived():
                self._outlived = told
            case Disused():
                self._disused = told
            case ErasuresStanding():
                self._to_erase = told.erasures
            case Erased():
                self._to_erase = () if told.is_over else self._to_erase
            case _:  # where none are forgotten, all of it is gone, or it cannot be written
                self._outlived = self._outlived if told.count else None

    def _let_go(self, disused: Disused) -> None:
        """Write down that sums go, and so let them; by their age only while the clock is believed."""
        if not self._clock.may_expire():
            return
        if disused.names:
            self._write([FactsChanged(UPKEEP, "disused", tuple(("drop", name, None) for name in disused.names))])
        if disused.undated:
            at_us = self._clock.stamp().utc_us
            self._scribe.start(lambda: self._scribe.journal.date_sums(disused.undated, at_us))

    def _measure(self, measured: Measured) -> None:
        """Write down a level that is another, and the alarms that begin."""
        before, self._measured = self._measured, measured
        if (measured.level, measured.is_full) == (before.level, before.is_full):
            return
        level = "bad" if measured.is_full else NAMES[measured.level]
        note = HealthNoted("space", level, {**dict(measured.percents), "reached": measured.level})
        begun = sorted(_alarms(measured) - _alarms(before))
        self._write([note, *(AlarmRaised(what, ", ".join(measured.of)) for what in begun)])

    def _expire(self, choice: Choice) -> None:
        """Write down that pictures go."""
        times = [picture.at_us for picture in choice.pictures]
        count = len(choice.pictures)
        self._write([Expired("pictures", choice.reason, count, choice.size, min(times), max(times), choice.digest)])
        self._going.append(choice)

    def _drop(self) -> None:
        """Have pictures deleted once that is written; on a full disk at once, as the entry may need their room."""
        dropped = [choice for choice in self._going if choice.reason == "full" or not self._scribe.holds_back]
        for choice in dropped:
            self._keeper.drop(choice)
            self._going.remove(choice)

    def _forget(self, outlived: Outlived) -> None:
        """Let some of the oldest entries go, the rest at the next quiet tick; by their age only while the clock is believed."""
        entries = outlived.entries
        if outlived.reason == "age" and not self._clock.may_expire():
            self._outlived = None
            return
        self._scribe.forget(entries.epoch, entries.through, outlived.reason, self.hear)


def _alarms(measured: Measured) -> frozenset[str]:
    """Return the alarms that stand for so full a disk."""
    reached = {f"space_{measured.level}"} if measured.level else set()
    return frozenset(reached | ({"disk_full"} if measured.is_full else set()))
