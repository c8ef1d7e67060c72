"""The evacuation of a site, as one gate sees it: begun by an input or a guard, ended by a guard alone, never by the input."""

from collections.abc import Callable

from access.entries import AlarmRaised, Body, FactsChanged
from access.presence import Presence
from edge.booth_messages import GuardRequest
from edge.config import EvacuationSection
from edge.gate.actions import Action, Answer, Append
from edge.gate.events import InputsChanged
from edge.gate.guard_acts import written
from edge.gate.passage import Moment

FACT = "evacuation"


class Evacuation:
    """Reads the input that begins it, and takes a guard's word; the fact itself is in the presence, and outlives the program."""

    def __init__(self, wiring: EvacuationSection | None, append: Callable[[Body, Moment], Append]) -> None:
        self._wiring = wiring
        self._append = append
        self._is_pressed = False

    def since(self, presence: Presence) -> float:
        """Return since when (UTC seconds) the site is evacuated; 0: it is not."""
        since = presence.facts.get(FACT)
        return float(since) if isinstance(since, int) else 0.0

    def inputs_changed(self, event: InputsChanged, moment: Moment) -> list[Action]:
        """Begin where the input has become active; it is read at the start too, for a fire does not wait for us."""
        wiring = self._wiring
        if wiring is None or wiring.device != event.device or wiring.input >= len(event.states):
            return []
        was, self._is_pressed = self._is_pressed, event.states[wiring.input] == (wiring.active == "high")
        return self._begin("input", "", moment) if self._is_pressed and not was else []

    def device_lost(self, device: str) -> None:
        """Know of the input no more: a guard may end what it began, and it begins anew if it is read as active again."""
        if self._wiring is not None and self._wiring.device == device:
            self._is_pressed = False

    @staticmethod
    def is_asked(request: GuardRequest) -> bool:
        """Tell whether a guard asks to begin or end it."""
        return request.lane == "" and request.act in ("evacuate", "end_evacuation")

    def act(self, request: GuardRequest, moment: Moment) -> list[Action]:
        """Begin or end it as a guard asks; not while its input is still active."""
        refusal = "expired" if moment.now > request.expires_mono else ""
        ends = request.act == "end_evacuation"
        if not refusal and ends and self._is_pressed:
            refusal = "evacuation_input"
        answer = Answer(request.request, accepted=not refusal, refusal=refusal)
        actions: list[Action] = [self._append(written(request, refusal), moment), answer]
        if refusal:
            return actions
        if not ends:
            return actions + self._begin("guard", request.reason, moment)
        return [*actions, self._append(FactsChanged("guard", request.reason, (("drop", FACT, None),)), moment)]

    def _begin(self, source: str, reason: str, moment: Moment) -> list[Action]:
        if moment.presence.facts.get(FACT) is not None:
            return []
        since = int(moment.at.timestamp())
        begun = FactsChanged(source, reason or FACT, (("set", FACT, since),))
        return [self._append(begun, moment), self._append(AlarmRaised("evacuation"), moment)]
