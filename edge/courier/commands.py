"""The stream of remote commands: claimed from the registry, and handed to the gate at once or not at all."""

import os
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from access.contract.commands import CommandResult, CommandsWaiting, RemoteCommand
from access.identifiers import uuid7
from edge.booth_messages import GuardReply, GuardRequest
from edge.courier.answers import read_answer
from edge.courier.down import POLL_DEADLINE_S, WAIT_S
from edge.courier.errors import RefusalError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings

PAUSE_S = 0.2  # after a poll that brought nothing
ANSWER_S = 2.0  # the gate answers in milliseconds; what it says later is brought back later
ASKED_MAX = 50  # of the gate, with no answer yet
EXPIRED, GATE_AWAY = "expired", "gate_away"
GONE = 410  # its time is over


class CommandsStream:
    """Carries what the office asks from afar. `tell` reaches the gate, and says whether it is there; `ended` takes the results.

    A command's time counts from the moment at which its claim was sent: whatever was held up on the way, it is never younger.
    """

    name = "commands"

    def __init__(
        self,
        registry: Registry,
        progress: Progress,
        around: Surroundings,
        tell: Callable[[Any], bool],
        ended: Callable[[CommandResult], None],
    ) -> None:
        self._registry = registry
        self._progress = progress
        self._around = around
        self._tell = tell
        self._ended = ended
        self._claim = uuid7(around.calendar(), os.urandom(10))  # one for each run: a lost answer is asked for again under it
        self._unsure: dict[UUID, None] = {}  # perhaps claimed: no answer came
        self._asked: dict[str, UUID] = {}  # of the gate, by the request's name
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
        waiting = self._waiting()
        for command in waiting:
            self._carry(command)
        return 0.0 if waiting else PAUSE_S

    def _waiting(self) -> tuple[UUID, ...]:
        answer = self._registry.ask("GET", f"/commands?wait={WAIT_S}", deadline_s=POLL_DEADLINE_S)
        self._progress.contact(self._around.calendar().timestamp())
        return read_answer(CommandsWaiting, answer, "commands").commands

    def _carry(self, command: UUID) -> None:
        """Claim a command and have the gate do it, where there is time left."""
        sent = self._around.clock()
        self._unsure[command] = None
        try:
            answer = self._registry.ask("POST", f"/commands/{command}/claim?by={self._claim}")
        except RefusalError as error:
            if not error.is_for_good:
                raise
            del self._unsure[command]
            if error.status == GONE:
                self._note(command, accepted=False, refusal=EXPIRED)
            return
        claimed = read_answer(RemoteCommand, answer, "a command")
        del self._unsure[command]
        expires = sent + claimed.left_ms / 1000
        if self._around.clock() < expires:
            self._have_it_done(command, _request(claimed, expires))
        else:
            self._note(command, accepted=False, refusal=EXPIRED)

    def _have_it_done(self, command: UUID, request: GuardRequest) -> None:
        with self._answered:
            self._asked[request.request] = command
            if len(self._asked) > ASKED_MAX:
                del self._asked[next(iter(self._asked))]
            if self._tell(request):
                self._answered.wait_for(lambda: request.request not in self._asked, ANSWER_S)
            else:
                del self._asked[request.request]
                self._note(command, accepted=False, refusal=GATE_AWAY)

    def _note(self, command: UUID, *, accepted: bool, refusal: str) -> None:
        self._ended(CommandResult(command=command, accepted=accepted, refusal=refusal))


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
