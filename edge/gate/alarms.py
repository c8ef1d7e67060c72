"""The alarms of a gate that people have to look at: those that were raised, and those that last until they are over."""

import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from access.acts import AlarmActed
from access.entries import AlarmRaised, Body, Decided, Started
from access.matching import as_shown
from access.sealing import Opened
from edge.booth_messages import AlarmView

ALARMS_KEPT = 30
SETTLED_S = 60.0  # after a start; what had lasted before it lasts again by then


class Alarms:
    """What was raised, oldest first, the newest ALARMS_KEPT of it; what lasts, by its code; and who has seen which."""

    def __init__(self, entries: Iterable[Opened] = ()) -> None:
        """Begin with what the journal has of alarms, of who has seen them and of starts, oldest first."""
        self._raised: OrderedDict[str, AlarmView] = OrderedDict()
        self._standing: dict[str, float] = {}
        self._seen: dict[str, str] = {}  # of what lasts, by code
        self._decided: OrderedDict[str, Decided] = OrderedDict()  # the last one of each passage
        self._settled_utc: float | None = -math.inf  # None: this run has just begun
        for entry in entries:
            self.take(entry.id, entry.body(), entry.lane, entry.stamp.utc_us / 1e6, entry.passage)
        self._settled_utc = None

    @property
    def standing(self) -> frozenset[str]:
        """The codes of those that last."""
        return frozenset(self._standing)

    def take(self, identity: UUID, body: Body, lane: str, utc: float, passage: str = "") -> None:
        """Take in an entry: an alarm that is raised, a decision that may raise one, or that somebody has seen one."""
        if isinstance(body, Started):
            self._settled_utc = utc + SETTLED_S
        elif isinstance(body, Decided):
            self._decided[passage] = body
            self._decided.move_to_end(passage)
            while len(self._decided) > ALARMS_KEPT:
                self._decided.popitem(last=False)
        elif isinstance(body, AlarmRaised):
            self.note(identity, body.what, utc, body.detail, lane, self._shown(body.what, passage))
        elif isinstance(body, AlarmActed):
            self._acknowledge(body.identity, body.guard_name or body.guard)

    def _shown(self, code: str, passage: str) -> str:
        """Return about whom a decision raised an alarm: its own entry does not say so, for it cannot be erased."""
        by = self._decided.get(passage)
        return as_shown(by.medium, by.text) if by is not None and by.reason == code and by.text else ""

    def note(self, identity: UUID, code: str, utc: float, detail: str = "", lane: str = "", shown: str = "") -> None:
        """Note that an alarm is raised: anew, but for what had lasted before a start."""
        if self._settled_utc is not None and utc > self._settled_utc:
            self._seen.pop(code, None)
        self._raised[identity.hex] = AlarmView(identity.hex, code, utc, detail, lane, shown=shown)
        while len(self._raised) > ALARMS_KEPT:
            self._raised.popitem(last=False)

    def stand(self, codes: frozenset[str], utc: float) -> None:
        """Note which last now; who has seen one has seen it until it is over, also over a restart of the program."""
        for code in self._standing.keys() - codes:
            del self._standing[code]
            self._seen.pop(code, None)
        for code in codes - self._standing.keys():
            self._standing[code] = utc
        if self._settled_utc is None:
            self._settled_utc = utc + SETTLED_S
        if utc > self._settled_utc:
            self._seen = {code: who for code, who in self._seen.items() if code in codes}

    def find(self, identity: str) -> AlarmView | None:
        """Return an alarm by its id; None where there is no such one, or it is over."""
        return next((alarm for alarm in self.views() if alarm.id == identity), None)

    def views(self) -> tuple[AlarmView, ...]:
        """Return those that last, then those that were raised, newest last; of what lasts its raising is not said besides."""
        standing = (
            AlarmView(code, code, since, standing=True, acknowledged_by=self._seen.get(code, ""))
            for code, since in sorted(self._standing.items())
        )
        return (*standing, *(alarm for alarm in self._raised.values() if alarm.code not in self._standing))

    def _acknowledge(self, identity: str, who: str) -> None:
        if (alarm := self._raised.get(identity)) is not None:
            self._raised[identity] = replace(alarm, acknowledged_by=who)
            return
        self._seen[identity] = who
        same = {name: replace(one, acknowledged_by=who) for name, one in self._raised.items() if one.code == identity}
        self._raised.update(same)
