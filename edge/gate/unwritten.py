"""What a lane does while nothing can be written: what may be done all the same, what is withheld, how it is marked later."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from access.entries import Commanded, Decided, Draft
from edge.gate.actions import Action, Append, CloseBarrier, OpenBarrier
from edge.gate.events import NOT_WRITTEN, CommandSent, Event, StoreFailed


def may_be_done_unwritten(action: Action, drafts: Iterable[Draft], settings: Mapping[str, str]) -> bool:
    """Tell whether it may be done though nothing can be written: all may that moves nothing, and nothing is ever lowered.

    `settings` is by lane its `on_store_failure`.
    """
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
    assert isinstance(action, CloseBarrier)
    return CommandSent(action.command, ok=False, error=NOT_WRITTEN, sent=0.0)


def to_hold_back(actions: Iterable[Action], done: Iterable[Action]) -> list[Draft]:
    """Return the entries to write later, marked as uncommitted; not those of openings that are not among the `done`."""
    actions, sent = list(actions), {action.command for action in done if isinstance(action, OpenBarrier)}
    never_sent = {action.command for action in actions if isinstance(action, OpenBarrier)} - sent
    every = (action.draft for action in actions if isinstance(action, Append))
    return [_uncommitted(draft) for draft in every if _command(draft) not in never_sent]


def _uncommitted(draft: Draft) -> Draft:
    """Mark what was done before it could be written."""
    body = draft.body
    return replace(draft, body=replace(body, uncommitted=True)) if isinstance(body, Decided | Commanded) else draft


def _command(draft: Draft) -> str:
    """Return the command that an entry announces, or ""."""
    return draft.body.command if isinstance(draft.body, Commanded) else ""
