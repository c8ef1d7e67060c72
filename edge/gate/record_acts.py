"""What guards do at the booth with records: done once, on what they saw, written down before anybody is told."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from access.acting.act import Act
from access.acting.facts import ACTED, facts_of
from access.acts import ActedUpon
from access.chance import Chance
from access.entries import Draft
from access.identifiers import uuid7
from access.sealing import ENTRY_BYTES_MAX
from edge.gate.actions import Action, Answer, Append, Keep
from edge.gate.passage import Moment
from edge.messages import RecordAct

REMEMBERED_MAX = 10_000
BYTES_MAX = ENTRY_BYTES_MAX // 4


class RecordActs:
    """Takes guards' acts with records; knows of each record the newest entry that was written about it since the start."""

    def __init__(self, chance: Chance, cameras: Iterable[str]) -> None:
        self._chance = chance
        self._cameras = frozenset(cameras)
        self._newest: OrderedDict[str, str] = OrderedDict()

    def act(self, asked: RecordAct, lane: str, moment: Moment) -> list[Action]:
        """Write it down, or say why not; `lane` is what the presence calls the lane that it is done at."""
        draft = self._draft(asked, lane, moment)
        if isinstance(draft, str):
            return [Answer(asked.request, accepted=False, refusal=draft)]
        moment.take(draft.body)
        self._remember(asked.identity, draft.id.hex)
        capture = draft.body.capture if isinstance(draft.body, ActedUpon) else ""
        pictures = [Keep(capture, asked.camera, "", asked.lane)] if capture else []
        return [Append(draft), *pictures, Answer(asked.request, accepted=True)]

    def _draft(self, asked: RecordAct, lane: str, moment: Moment) -> Draft | str:
        if moment.now > asked.expires_mono:
            return "expired"
        if asked.kind not in ACTED:
            return "unknown_act"
        newest = self._newest.get(asked.identity, "") if asked.identity else ""
        if newest and asked.after != newest:
            return "changed_meanwhile"
        if _size(asked.values) + _size(asked.details) > BYTES_MAX:
            return "too_long"
        act = Act(asked.kind, asked.identity, asked.act, asked.values, lane, moment.at)
        facts = facts_of(act, moment.presence)
        if isinstance(facts, str):
            return facts
        capture = str(uuid7(moment.at, self._chance(10))) if asked.camera in self._cameras else ""
        body = ACTED[asked.kind](
            identity=asked.identity,
            act=asked.act,
            guard=asked.guard,
            request=asked.request,
            values=dict(asked.values),
            facts=tuple(facts),
            role=asked.role,
            capture=capture,
            words=asked.words,
            guard_name=asked.guard_name,
            details=dict(asked.details) or None,
        )
        return Draft(uuid7(moment.at, self._chance(10)), body, asked.lane)

    def _remember(self, identity: str, entry: str) -> None:
        self._newest[identity] = entry
        self._newest.move_to_end(identity)
        while len(self._newest) > REMEMBERED_MAX:
            self._newest.popitem(last=False)


def _size(values: Mapping[str, Any]) -> int:
    return len(repr(values).encode())
