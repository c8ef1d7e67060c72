"""What a lane does while nothing can be written: what may be done all the same, what is withheld, how it is marked later."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from access.entries import Body, Commanded, CommandEnded, Decided, Draft, Observed
from edge.gate.actions import Action, Answer, Append, CloseBarrier, OpenBarrier
from edge.gate.events import NOT_WRITTEN, ClaimUnwritten, CommandSent, Event, StoreFailed
from edge.peer_messages import ClaimAnswered
from edge.store.held import Unwritten

MakeDraft = Callable[[Body, str, str], Draft]
"""Makes an entry of a body, its lane and its passage."""


def may_be_done_unwritten(action: Action, drafts: Iterable[Draft], settings: Mapping[str, str]) -> bool:
    """Tell whether it may be done though nothing can be written: all may that moves nothing, and nothing is ever lowered.

    `settings` is by lane its `on_store_failure`.
    """
    if isinstance(action, ClaimAnswered):
        return not action.yes  # its use is counted first
    if isinstance(action, OpenBarrier):
        return action.vital or _may_open_unwritten(action, drafts, settings[action.lane])
    return not isinstance(action, CloseBarrier)


def _may_open_unwritten(opening: OpenBarrier, drafts: Iterable[Draft], setting: str) -> bool:
    """Tell whether a lane opens: always, or where it asks the guard, for the guard."""
    decisions = [draft.body for draft in drafts if draft.passage == opening.passage and isinstance(draft.body, Decided)]
    by_guard = any(decision.medium == "guard" for decision in decisions)
    return setting == "open" or (setting == "refer" and by_guard)


def withheld(action: Action) -> Event:
    """Say to its lane that a command was not sent, for want of its entry."""
    if isinstance(action, OpenBarrier):
        return StoreFailed(action.lane, action.passage)
    if isinstance(action, ClaimAnswered):
        return ClaimUnwritten(action.edge, action.nonce)
    assert isinstance(action, CloseBarrier)
    return CommandSent(action.command, ok=False, error=NOT_WRITTEN, sent=0.0)


def as_unwritten(actions: Iterable[Action], done: Iterable[Action]) -> list[Action]:
    """Return what is `done` with answers that say how it is: nothing was opened, or it is only in memory still."""
    done = list(done)
    sent = {action.command for action in done if isinstance(action, OpenBarrier)}
    is_withheld = any(isinstance(action, OpenBarrier) and action.command not in sent for action in actions)
    return [_honest(action, is_withheld=is_withheld) if isinstance(action, Answer) else action for action in done]


def _honest(answer: Answer, *, is_withheld: bool) -> Answer:
    if not answer.accepted:
        return answer
    return replace(answer, accepted=False, refusal="store_failed") if is_withheld else replace(answer, held=True)


def to_hold_back(actions: Iterable[Action], done: Iterable[Action], draft: MakeDraft) -> list[Unwritten]:
    """Return the entries to write later, marked as uncommitted; none of openings that are not among the `done`.

    Their commit may yet be confirmed: then further entries say which were done before, and which commands never left.
    """
    actions, sent = list(actions), {action.command for action in done if isinstance(action, OpenBarrier)}
    never_sent = [action for action in actions if isinstance(action, OpenBarrier) and action.command not in sent]
    return [_unwritten(action.draft, never_sent, draft) for action in actions if isinstance(action, Append)]


def _unwritten(first: Draft, never_sent: Collection[OpenBarrier], draft: MakeDraft) -> Unwritten:
    body = first.body
    if isinstance(body, Commanded) and any(body.command == opening.command for opening in never_sent):
        ended = CommandEnded(body.device, body.command, ok=False, error=NOT_WRITTEN)
        return Unwritten(first.id, None, draft(ended, first.lane, first.passage))
    if not isinstance(body, Decided | Commanded):
        return Unwritten.unchanged(first)
    marked = replace(first, body=replace(body, uncommitted=True))
    if isinstance(body, Decided) and any(first.passage == opening.passage for opening in never_sent):
        return Unwritten(first.id, marked)  # of which nothing was done
    return Unwritten(first.id, marked, draft(Observed("confirmed_late", detail=first.id.hex), first.lane, first.passage))
