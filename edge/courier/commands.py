"""The stream of remote commands: claimed from the registry, handed to the gate at once or not at all, the result brought back."""

import os
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from access.contract.commands import CommandResult, CommandsWaiting, RemoteCommand
from access.identifiers import uuid7
from edge.courier.down import POLL_DEADLINE_S, WAIT_S
from edge.courier.errors import RefusalError, SyncError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.messages import GuardReply, GuardRequest

PAUSE_S = 0.2  # after a poll that brought nothing
ANSWER_S = 2.0  # the gate answers in milliseconds; what it says later is brought back later
KEPT_MAX = 50  # of results while the registry is away; the gate's journal has them all
EXPIRED, GATE_AWAY = "expired", "gate_away"
GONE = 410  # its time is over


class CommandsStream:
    """Carries what the office asks from afar. `tell` reaches the gate, and says whether it is there.

    A command's time counts from the moment at which its claim was sent: whatever was held up on the way, it is never younger.
    """

    name = "commands"

    def __init__(self, registry: Registry, progress: Progress, around: Surroundings, tell: Callable[[Any], bool]) -> None:
        self._registry = registry
        self._progress = progress
        self._around = around
        self._tell = tell
        self._claim = uuid7(around.calendar(), os.urandom(10))  # one for each run: a lost answer is asked for again under it
        self._unsure: dict[UUID, None] = {}  # perhaps claimed: no answer came
        self._asked: dict[str, UUID] = {}  # of the gate, by the request's name
        self._results: dict[UUID, CommandResult] = {}
        self._answered = threading.Condition()

    def replied(self, reply: GuardReply) -> None:
        """Take what the gate says of a request, where it is the office's; called from the link's thread."""
        with self._answered:
            if (command := self._asked.pop(reply.request, None)) is not None:
                self._note(command, accepted=reply.accepted, refusal=reply.refusal)
                self._answered.notify_all()

    def step(self) -> float:
        """Carry what waits, as soon as something does. Raises SyncError, RefusalError."""
        for command in tuple(self._unsure):
            self._carry(command)
        waiting = self._waiting(WAIT_S if self._oldest() is None else 0)
        for command in waiting:
            self._carry(command)
        self._bring_back()  # last: what waits has ten seconds, a result has time
        return 0.0 if waiting else PAUSE_S

    def _waiting(self, wait_s: int) -> tuple[UUID, ...]:
        answer = self._registry.ask("GET", f"/commands?wait={wait_s}", deadline_s=POLL_DEADLINE_S)
        self._progress.contact(self._around.calendar().timestamp())
        try:
            return CommandsWaiting.model_validate_json(answer).commands
        except ValidationError as error:
            raise SyncError(f"commands of another version: {error.errors()[0]['msg']}") from error

    def _carry(self, command: UUID) -> None:
        """Claim a command and have the gate do it, where there is time left."""
        sent = self._around.clock()
        self._unsure[command] = None
        try:
            claimed = RemoteCommand.model_validate_json(self._registry.ask("POST", f"/commands/{command}/claim?by={self._claim}"))
        except ValidationError as error:
            raise SyncError(f"a command of another version: {error.errors()[0]['msg']}") from error
        except RefusalError as error:
            if not error.is_for_good:
                raise
            del self._unsure[command]
            if error.status == GONE:
                self._note(command, accepted=False, refusal=EXPIRED)
            return
        del self._unsure[command]
        expires = sent + claimed.left_ms / 1000
        if self._around.clock() < expires:
            self._have_it_done(command, _request(claimed, expires))
        else:
            self._note(command, accepted=False, refusal=EXPIRED)

    def _have_it_done(self, command: UUID, request: GuardRequest) -> None:
        with self._answered:
            self._asked[request.request] = command
            _drop_oldest(self._asked)
            if self._tell(request):
                self._answered.wait_for(lambda: request.request not in self._asked, ANSWER_S)
            else:
                del self._asked[request.request]
                self._note(command, accepted=False, refusal=GATE_AWAY)

    def _note(self, command: UUID, *, accepted: bool, refusal: str) -> None:
        with self._answered:
            self._results[command] = CommandResult(command=command, accepted=accepted, refusal=refusal)
            _drop_oldest(self._results)

    def _bring_back(self) -> None:
        """Bring results back, the oldest first; one that the registry will never take is dropped."""
        while (result := self._oldest()) is not None:
            try:
                path = f"/commands/{result.command}/result"
                self._registry.ask("POST", path, result.model_dump_json().encode(), content_type="application/json")
            except RefusalError as error:
                if not error.is_for_good:
                    raise
            with self._answered:
                self._results.pop(result.command, None)

    def _oldest(self) -> CommandResult | None:
        with self._answered:
            return next(iter(self._results.values()), None)


def _drop_oldest(kept: dict[Any, Any]) -> None:
    while len(kept) > KEPT_MAX:
        del kept[next(iter(kept))]


def _request(claimed: RemoteCommand, expires: float) -> GuardRequest:
    return GuardRequest(
        request=claimed.command.hex,
        act=claimed.act,
        lane=claimed.lane,
        guard=claimed.issuer,
        guard_name=claimed.issuer_name,
        reason=claimed.reason,
        words=claimed.words,
        expires_mono=expires,
        choice=claimed.choice,
        minutes=claimed.minutes,
        source="office",
    )
