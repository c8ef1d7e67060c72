"""A change of the rules: drafted, tried on history, approved, published as a revision, installed gate by gate, rolled back.

A draft may be withdrawn until it is published.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from access.workflows.events import Event, Fact, Reasoned
from access.workflows.machine import NEW, Record, Workflow, go
from access.workflows.refusals import Finding, Refusal

# Approved is only what was tried on last month's log, and lately: persons and levels change every day.
TRIED_DAYS: Final = 30
APPROVED_WITHIN: Final = timedelta(days=1)
PUBLISHED_WITHIN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Installation:
    """When a gate took the revision into use."""

    gate: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RulesChange(Record):
    """A draft by its digest, its trial (when, and on how many days), and its revisions.

    `restored` is the earlier revision that a roll-back equals.
    """

    draft: str = ""
    author: str = ""
    second_person: bool = True
    gates: tuple[str, ...] = ()
    tried_at: datetime | None = None
    tried_days: int = 0
    newly_denied: int = 0
    newly_granted: int = 0
    protected_denied: int = 0
    approved_by: str = ""
    revision: int = 0
    restored: int = 0
    installed: tuple[Installation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesDrafted(Event):
    """A draft was made or changed: its digest, the gates it is for, and whether the site wants a second person."""

    draft: str
    gates: tuple[str, ...]
    second_person: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesTried(Event):
    """The draft was tried on the last `days` of history, and the last time counts.

    How many it would newly deny, grant, and deny of a protected class.
    """

    draft: str
    days: int
    newly_denied: int
    newly_granted: int
    protected_denied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesApproved(Event):
    """Somebody approved the draft as tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesWithdrawn(Reasoned):
    """Nothing is to come of the draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPublished(Event):
    """The draft became `revision`; `current` is the one before."""

    revision: int
    current: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesInstalled(Event):
    """A gate took the revision into use."""

    gate: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesRolledBack(Event):
    """A new revision was published that equals the earlier `restored`."""

    revision: int
    restored: int


# --- guards ---------------------------------------------------------------------------------------


def _this_draft(change: RulesChange, event: RulesTried) -> Refusal | None:
    return None if event.draft == change.draft else Refusal("draft_changed")


def _tried_on_enough(change: RulesChange, _event: RulesApproved) -> Refusal | None:
    return Refusal("trial_too_short", {"days": TRIED_DAYS}) if change.tried_days < TRIED_DAYS else None


def _tried_within(time: timedelta) -> Callable[[RulesChange, Event], Refusal | None]:
    def guard(change: RulesChange, event: Event) -> Refusal | None:
        lately = change.tried_at is not None and event.at - change.tried_at <= time
        return None if lately else Refusal("trial_too_old", {"days": time.days})

    return guard


def _protected_kept(change: RulesChange, _event: RulesApproved) -> Refusal | None:
    denied = change.protected_denied
    return Refusal("protected_denied", {"number": denied}) if denied else None


def _second_person(change: RulesChange, event: RulesApproved) -> Refusal | None:
    return Refusal("second_person_needed") if change.second_person and event.by.id == change.author else None


def _newer(_change: RulesChange, event: RulesPublished) -> Refusal | None:
    return None if event.revision > event.current else Refusal("revision_not_newer", {"revision": event.current})


def _rolls_back(change: RulesChange, event: RulesRolledBack) -> Refusal | None:
    if event.revision <= change.revision:
        return Refusal("revision_not_newer", {"revision": change.revision})
    return None if event.restored < change.revision else Refusal("not_earlier", {"revision": change.revision})


def _this_revision(change: RulesChange, event: RulesInstalled) -> Refusal | None:
    return None if event.revision == change.revision else Refusal("other_revision", {"revision": change.revision})


def _awaited(change: RulesChange, event: RulesInstalled) -> Refusal | None:
    return None if event.gate in missing_gates(change) else Refusal("gate_not_awaited", {"gate": event.gate})


# --- what an event writes -------------------------------------------------------------------------


def _draft(change: RulesChange, event: RulesDrafted) -> RulesChange:
    # Whoever switches the site's wish off meanwhile has not done away with it for this draft.
    second_person = event.second_person or (change.state != NEW and change.second_person)
    return replace(
        change,
        draft=event.draft,
        author=event.by.id,
        gates=event.gates,
        second_person=second_person,
        tried_at=None,
        tried_days=0,
        protected_denied=0,
    )


def _try(change: RulesChange, event: RulesTried) -> RulesChange:
    return replace(
        change,
        tried_at=event.at,
        tried_days=event.days,
        newly_denied=event.newly_denied,
        newly_granted=event.newly_granted,
        protected_denied=event.protected_denied,
    )


def _approve(change: RulesChange, event: RulesApproved) -> RulesChange:
    return replace(change, approved_by=event.by.id)


def _publish(change: RulesChange, event: RulesPublished) -> RulesChange:
    return replace(change, revision=event.revision)


def _install(change: RulesChange, event: RulesInstalled) -> RulesChange:
    return replace(change, installed=(*change.installed, Installation(event.gate, event.at)))


def _roll_back(change: RulesChange, event: RulesRolledBack) -> RulesChange:
    return replace(change, revision=event.revision, restored=event.restored, installed=())


WORKFLOW = Workflow(
    name="rules_change",
    blank=RulesChange(),
    moves={
        NEW: {RulesDrafted: go("draft")},
        "draft": {RulesDrafted: go("draft"), RulesTried: go("tried", _this_draft), RulesWithdrawn: go("withdrawn")},
        "tried": {
            RulesDrafted: go("draft"),
            RulesTried: go(_this_draft),
            RulesApproved: go("approved", _protected_kept, _tried_on_enough, _tried_within(APPROVED_WITHIN), _second_person),
            RulesWithdrawn: go("withdrawn"),
        },
        "approved": {
            RulesDrafted: go("draft"),
            RulesTried: go("tried", _this_draft),
            RulesPublished: go("published", _tried_within(PUBLISHED_WITHIN), _newer),
            RulesWithdrawn: go("withdrawn"),
        },
        "withdrawn": {},
        "published": {RulesInstalled: go(_this_revision, _awaited), RulesRolledBack: go("rolled_back", _rolls_back)},
        "rolled_back": {RulesInstalled: go(_this_revision, _awaited)},
    },
    writes={
        RulesDrafted: _draft,
        RulesTried: _try,
        RulesApproved: _approve,
        RulesPublished: _publish,
        RulesInstalled: _install,
        RulesRolledBack: _roll_back,
    },
)


def advance(change: RulesChange, event: Event) -> RulesChange | Refusal:
    """Return the change after `event`, or why it may not be."""
    return WORKFLOW.advance(change, event)


def reconcile(facts: Iterable[Fact]) -> tuple[RulesChange, tuple[Finding, ...]]:
    """Return the change that the facts of office and gates come to, and what was wrong among them."""
    return WORKFLOW.reconcile(facts)


def missing_gates(change: RulesChange) -> tuple[str, ...]:
    """Return the gates that have not installed the revision yet."""
    installed = {installation.gate for installation in change.installed}
    return tuple(gate for gate in change.gates if gate not in installed)
