"""A guard's requests on their way to the gate: each is done once, and asking again waits for the same reply."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable

from edge.booth_messages import GuardReply, GuardRequest, RecordAct
from edge.messages import RaiseAlarm

KEPT_MAX = 500
REPLY_TIMEOUT_S = 3.0
GATE_AWAY = "gate_away"
NO_ANSWER = "no_answer"


class Asks:
    """Sends requests by `send` (which tells whether there is a link) and keeps the replies of the last ones."""

    def __init__(self, send: Callable[[GuardRequest | RecordAct | RaiseAlarm], bool]) -> None:
        self._send = send
        self._replies: OrderedDict[str, asyncio.Future[GuardReply]] = OrderedDict()

    async def ask(self, request: GuardRequest | RecordAct) -> GuardReply:
        """Return the gate's reply, or a refusal of our own where no gate takes or answers the request."""
        if request.request not in self._replies:
            self._keep(request.request)
            if not self._send(request):
                self.take(GuardReply(request.request, accepted=False, refusal=GATE_AWAY))
        elif isinstance(request, RecordAct) and not self._replies[request.request].done():
            self._send(request)  # it may have been lost on its way; the gate does it once however often it comes
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._replies[request.request]), REPLY_TIMEOUT_S)
        return self.reply(request.request)

    def tell(self, alarm: RaiseAlarm) -> bool:
        """Tell the gate of something that people must look at; returns whether there is a link."""
        return self._send(alarm)

    def was_done(self, request: str) -> None:
        """Note that a request was done, as is known otherwise: its answer was lost, or came to an earlier run."""
        if request not in self._replies:
            self._keep(request)
        self.take(GuardReply(request, accepted=True))

    def reply(self, request: str) -> GuardReply:
        """Return what is known of a request: the gate's reply, or that there is none."""
        future = self._replies.get(request)
        if future is None or not future.done():
            return GuardReply(request, accepted=False, refusal=NO_ANSWER)
        return future.result()

    def take(self, reply: GuardReply) -> None:
        """Note a reply; one that nobody waits for is ignored."""
        future = self._replies.get(reply.request)
        if future is not None and not future.done():
            future.set_result(reply)

    def _keep(self, request: str) -> None:
        self._replies[request] = asyncio.get_running_loop().create_future()
        while len(self._replies) > KEPT_MAX:
            self._replies.popitem(last=False)
