"""What guards do at the booth with records: done once, on what they saw, written down before anybody is told."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from access.acting.act import Act
from access.acting.facts import facts_of
from access.acts import ACTED, ActedUpon, AlarmActed
from access.chance import Chance
from access.entries import Draft
from access.identifiers import uuid7
from access.sealing import ENTRY_BYTES_MAX
from edge.booth_messages import RecordAct
from edge.gate.actions import Action, Answer, Append, Keep
from edge.gate.alarms import Alarms
from edge.gate.passage import Moment

REMEMBERED_MAX = 10_000
REMEMBERED_MS = 24 * 3600 * 1000  # no page is older: a session ends before; and the booth's book forgets some day
BYTES_MAX = ENTRY_BYTES_MAX // 4
ACKNOWLEDGE = "acknowledge"


class RecordActs:
    """Takes guards' acts with records; knows of each record the newest entry that was written about it since the start."""

    def __init__(self, chance: Chance, cameras: Iterable[str], alarms: Alarms | None = None) -> None:
        """Take acts; `cameras` may take a picture for one, and `alarms` are those that may be acknowledged (None: none)."""
        self._chance = chance
        self._cameras = frozenset(cameras)
        self._alarms = alarms or Alarms()
        self._newest: OrderedDict[str, str] = OrderedDict()

    def act(self, asked: RecordAct, lane: str, moment: Moment, *, can_write: bool = True) -> list[Action]:
        """Write it down, or say why not; `lane` is what the presence calls the lane that it is done at."""
        refusal = self._refusal(asked, moment, can_write=can_write)
        draft = refusal or self._draft(asked, lane, moment)
        if isinstance(draft, str):
            return [Answer(asked.request, accepted=False, refusal=draft)]
        moment.take(draft.body)
        self.note(draft)
        capture = draft.body.capture if isinstance(draft.body, ActedUpon) else ""
        pictures = [Keep(capture, asked.camera, "", asked.lane)] if capture else []
        return [Append(draft), *pictures, Answer(asked.request, accepted=True)]

    def note(self, draft: Draft) -> None:
        """Note that something is written about a record, here or by a lane."""
        if not isinstance(draft.body, ActedUpon):
            return
        identity = draft.body.identity
        self._newest[identity] = draft.id.hex
        self._newest.move_to_end(identity)
        while len(self._newest) > REMEMBERED_MAX:
            self._newest.popitem(last=False)

    def _refusal(self, asked: RecordAct, moment: Moment, *, can_write: bool) -> str:
        if moment.now > asked.expires_mono:
            return "expired"
        if asked.kind not in ACTED:
            return "unknown_act"
        newest = self._newest.get(asked.identity, "") if asked.identity else ""
        if newest and asked.after != newest and moment.at.timestamp() * 1000 - _written_ms(newest) < REMEMBERED_MS:
            return "changed_meanwhile"
        if _size(asked.values) + _size(asked.details) + len(asked.words.encode()) > BYTES_MAX:
            return "too_long"
        return "" if can_write else "not_written"

    def _draft(self, asked: RecordAct, lane: str, moment: Moment) -> Draft | str:
        values = dict(asked.values)
        if asked.kind == AlarmActed.kind:
            alarm = self._alarms.find(asked.identity)
            if alarm is None or asked.act != ACKNOWLEDGE:
                return "no_such_alarm" if alarm is None else "unknown_act"
            values = {"code": alarm.code, "detail": alarm.detail}
        facts = facts_of(Act(asked.kind, asked.identity, asked.act, values, lane, moment.at), moment.presence)
        if isinstance(facts, str):
            return facts
        body = ACTED[asked.kind](
            identity=asked.identity,
            act=asked.act,
            guard=asked.guard,
            request=asked.request,
            values=values,
            facts=tuple(facts),
            role=asked.role,
            words=asked.words,
            guard_name=asked.guard_name,
            details=dict(asked.details) or None,
        )
        if asked.camera in self._cameras:
            body = replace(body, capture=uuid7(moment.at, self._chance(10)).hex)
        return Draft(uuid7(moment.at, self._chance(10)), body, asked.lane)


def _written_ms(entry: str) -> int:
    return UUID(entry).int >> 80  # the ids of entries are of version 7


def _size(values: Mapping[str, Any]) -> int:
    return len(repr(values).encode())
