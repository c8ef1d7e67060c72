"""Changes of the rules: drafted, tried on the log, approved, published as one revision, installed gate by gate, rolled back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from typing_extensions import override

from access.contract.records import AnyRecord
from access.workflows.events import Event, Who
from access.workflows.refusals import Refusal
from access.workflows.rules_change import (
    WORKFLOW,
    RulesApproved,
    RulesChange,
    RulesDrafted,
    RulesInstalled,
    RulesPublished,
    RulesRolledBack,
    RulesTried,
    RulesWithdrawn,
    missing_gates,
)
from central.access_rules import repository as rules
from central.access_rules.audience import Key
from central.audit import services as audit
from central.audit.schemas import AuditShown, HistoryAsked
from central.edges import repository as boxes
from central.edges.trust import ACTIVE
from central.errors import RegistryError
from central.places.settings import settings_of
from central.records import repository as records
from central.records.concurrency import check_seen
from central.records.schemas import Page
from central.registry import Work
from central.rules_changes import drafting, passages
from central.rules_changes.draft import Draft, digest
from central.rules_changes.drafting import Drafted
from central.rules_changes.schemas import (
    DraftShown,
    RecordChange,
    RecordChangeWanted,
    RollBackWanted,
    RulesChangeDetails,
    RulesChangesAsked,
    RulesChangeShown,
    RulesChangeWanted,
    TrialShown,
    TryAsked,
)
from central.rules_changes.tables import RulesDraft
from central.rules_changes.trial import Trial, try_draft
from central.tables import Edge, Gate, Site
from central.workflows import repository
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening
from central.workflows.services import Act, Flow, RefusedError
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowRecord

GATES = "gates of sites"
IN_USE = ("published", "rolled_back")
# Whoever asks waits for it: some twenty seconds. Of a longer log the newest are judged, and the trial says so.
ENTRIES_MAX = 100_000
_records: TypeAdapter[tuple[AnyRecord, ...]] = TypeAdapter(tuple[AnyRecord, ...])
_gone: TypeAdapter[frozenset[Key]] = TypeAdapter(frozenset[Key])
# A trial keeps one core busy for as long as it takes.
_trying = Lock()


class RulesChanges(Flow[RulesChange]):
    """Changes of the rules."""

    workflow = WORKFLOW
    shown = RulesChangeShown
    details = RulesChangeDetails
    prefix = "G"
    acts = (
        Act("draft", RulesDrafted, by_hand=True),
        Act("try", RulesTried, by_hand=True),
        Act("approve", RulesApproved),
        Act("withdraw", RulesWithdrawn),
        Act("publish", RulesPublished, by_hand=True),
        Act("roll-back", RulesRolledBack, by_hand=True),
        Act("installed", RulesInstalled),
    )
    fields: Mapping[str, str] = {
        **Flow.fields,
        "draft_changed": "draft",
        "not_earlier": "restored",
        "other_revision": "revision",
        "gate_not_awaited": "gate",
    }

    @override
    def keys(self, record: RulesChange, details: Details) -> Iterable[tuple[str, str]]:
        yield "author", record.author
        for gate in _awaited(record):
            yield "awaits", gate

    @override
    def show(self, work: Work, row: WorkflowRecord) -> FlowShown:
        # The record knows gates by id: one that is renamed is still the same, and shown as it is called now.
        record, slugs = self.record(row), _slugs(work, row.site_id)
        named = replace(
            record,
            gates=tuple(slugs.get(gate, gate) for gate in record.gates),
            installed=tuple(replace(each, gate=slugs.get(each.gate, each.gate)) for each in record.installed),
        )
        return super().show(work, row).model_copy(update={"record": named, "missing": _awaited(named)})

    @override
    def page(self, work: Work, asked: FlowAsked) -> Page[Any]:
        assert isinstance(asked, RulesChangesAsked)
        if asked.awaits is not None:
            asked = asked.model_copy(update={"awaits": _gate_called(work, asked.site, asked.awaits)})
        return super().page(work, asked)

    @override
    def history(self, work: Work, record_id: UUID, asked: HistoryAsked) -> Page[AuditShown]:
        found = super().history(work, record_id, asked)
        sides = [{"before": _seen(work, each.before), "after": _seen(work, each.after)} for each in found.items]
        items = [each.model_copy(update=seen) for each, seen in zip(found.items, sides, strict=True)]
        return found.model_copy(update={"items": items})

    @override
    def prepared(self, work: Work, site: Site, record: RulesChange, event: Event) -> Event:
        """Let a draft be for all gates that have a box.

        It needs a second person where the site says so: when it is drafted, approved or published.
        """
        if isinstance(event, RulesInstalled):
            return self._installed_at(work, site, record, event)
        wants_second = settings_of(work.session, site.id).rules_need_second_person
        if isinstance(event, RulesApproved) and wants_second and record.state == "tried" and event.by.id == record.author:
            raise RefusedError(Refusal("second_person_needed"), record.state, "")
        approved_alone = record.state == "approved" and record.approved_by == record.author
        if isinstance(event, RulesPublished) and wants_second and approved_alone:
            raise RefusedError(Refusal("second_person_needed"), record.state, "")
        if not isinstance(event, RulesDrafted):
            return event
        served = {str(box.gate_id) for box in boxes.edges(work.session, site.id) if box.status == ACTIVE}
        return replace(event, gates=tuple(sorted(served)), second_person=wants_second)

    def _installed_at(self, work: Work, site: Site, record: RulesChange, event: RulesInstalled) -> RulesInstalled:
        ids = {slug: gate for gate, slug in _slugs(work, site.id).items()}
        gate = ids.get(event.gate, event.gate)
        if event.revision == record.revision and record.state in IN_USE and gate not in _awaited(record):
            refusal = Refusal("gate_not_awaited", {"gate": event.gate})
            raise RefusedError(refusal, record.state, self.fields[refusal.code])
        return replace(event, gate=gate)

    @override
    def open(
        self, work: Work, declared: type[Event], wanted: Opening, facts: Mapping[str, Any], record_id: UUID | None = None
    ) -> FlowShown:
        """Make a draft; RegistryError and RequestValidationError name the change that cannot be."""
        assert isinstance(wanted, RulesChangeWanted)
        drafted = drafting.drafted(work, records.site(work, wanted.site), wanted.changes)
        shown = super().open(work, declared, wanted, {"draft": digest(drafted.draft), "gates": ()}, record_id)
        kept = RulesDraft(record_id=shown.id)
        _keep(kept, drafted)
        work.session.add(kept)
        self._note(work, shown, None, kept)
        return shown

    def get_draft(self, work: Work, record_id: UUID) -> DraftShown:
        """Show what a change is to do, as far as the actor may read records of those kinds; RegistryError 404."""
        row = repository.get(work, self.kind, record_id)
        changes = _changes(_kept(work, row))
        seen = [change for change in changes if drafting.may_see(work.actor.role, change.kind)]
        left_out = len(changes) - len(seen)
        return DraftShown(id=row.id, version=row.version, digest=self.record(row).draft, changes=seen, left_out=left_out)

    def change_draft(self, work: Work, record_id: UUID, wanted: Sequence[RecordChangeWanted], seen: int | None) -> FlowShown:
        """Make the draft another, as a whole: it must be tried again; RegistryError 404, 409, and 422 naming the change."""
        site, row = self._locked(work, record_id, seen)
        self._ask(row, RulesDrafted(at=work.at, by=work.actor.who, draft="", gates=()))
        kept = _kept(work, row)
        was = kept.changes
        new = frozenset(change.id for change in _changes(kept) if not change.version)
        drafted = drafting.drafted(work, site, wanted, new)
        _keep(kept, drafted)
        shown = self.happen(work, row, RulesDrafted(at=work.at, by=work.actor.who, draft=digest(drafted.draft), gates=()))
        self._note(work, shown, was, kept)
        return shown

    def try_it(self, work: Work, record_id: UUID, asked: TryAsked, seen: int | None) -> Trial:
        """Try a draft on the log, which changes nothing and may take long; RegistryError 404, 409, and 429 while another is."""
        row = repository.get(work, self.kind, record_id)
        site = records.site(work, row.site_id)
        self._check_seen(work, row, seen)
        meant = self.record(row).draft if asked.draft is None else asked.draft
        blank = RulesTried(
            at=work.at, by=work.actor.who, draft=meant, days=asked.days, newly_denied=0, newly_granted=0, protected_denied=0
        )
        self._ask(row, blank)
        told = _kept(work, row).told
        draft = Draft(_records.validate_python(told["records"]), _gone.validate_python(told["gone"]))
        if not _trying.acquire(blocking=False):
            raise RegistryError("another draft is being tried: try yours again in a moment", 429, retry_after_s=5)
        try:
            since = work.at - timedelta(days=asked.days)
            return try_draft(work.session, site, draft, since=since, until=work.at, entries_max=ENTRIES_MAX)
        finally:
            _trying.release()

    def keep_trial(self, work: Work, record_id: UUID, trial: Trial, days: int, seen: int | None) -> FlowShown:
        """Keep what came of a trial; RegistryError 404, and 409 where the draft is another meanwhile."""
        _, row = self._locked(work, record_id, seen)
        found = RulesTried(
            at=work.at,
            by=work.actor.who,
            draft=trial.draft,
            days=days,
            newly_denied=trial.newly_denied,
            newly_granted=trial.newly_granted,
            protected_denied=trial.protected_denied,
        )
        _kept(work, row).trial = adapter(Trial).dump_python(trial, mode="json")
        return self.happen(work, row, found)

    def get_trial(self, work: Work, record_id: UUID) -> TrialShown:
        """Show what came of the draft when it was tried last; RegistryError 404."""
        trial = _kept(work, repository.get(work, self.kind, record_id)).trial
        if trial is None:
            raise RegistryError("the draft has not been tried yet", 404, "id")
        return TrialShown.model_validate(trial)

    def publish(self, work: Work, record_id: UUID, seen: int | None) -> FlowShown:
        """Do what was drafted, as one revision; RegistryError 404, and 409 with the difference where a record is another now."""
        site, row = self._locked(work, record_id, seen)
        current = rules.revision(work.session, site.id)
        self._ask(row, RulesPublished(at=work.at, by=work.actor.who, revision=current + 1, current=current))
        kept = _kept(work, row)
        published, revision = drafting.done(_named(work, row), site, _changes(kept))
        # Others may have published since: what was replaced is what held right before.
        current = revision - 1 if revision else current
        kept.changes, kept.replaced_revision = _as_json(published), current
        return self.happen(
            work, row, RulesPublished(at=work.at, by=work.actor.who, revision=revision or current, current=current)
        )

    def roll_back(self, work: Work, record_id: UUID, wanted: RollBackWanted, seen: int | None) -> FlowShown:
        """Bring back what was replaced, as one new revision; RegistryError 404, and 409 with the difference as `publish`."""
        site, row = self._locked(work, record_id, seen)
        kept = _kept(work, row)
        restored = kept.replaced_revision if wanted.restored is None else wanted.restored
        current = rules.revision(work.session, site.id)
        event = RulesRolledBack(at=work.at, by=work.actor.who, revision=current + 1, restored=restored)
        self._ask(row, event)
        if restored != kept.replaced_revision:
            words = "only revision {revision} can be restored, which this change has replaced"
            raise RegistryError(words, 422, "restored", revision=kept.replaced_revision)
        _, revision = drafting.done(_named(work, row), site, drafting.undoing(_changes(kept)))
        return self.happen(work, row, replace(event, revision=revision or current))

    def note_installed(self, work: Work, edge: Edge, revision: int) -> None:
        """Note that a gate has rules of this revision in use: so it has all changes up to it."""
        gate = str(edge.gate_id)
        for found in repository.with_key(work.session, edge.site_id, self.kind, "awaits", gate):
            row = repository.get(work, self.kind, found.id, changing=True)
            record = self.record(row)
            if record.revision <= revision and gate in _awaited(record):
                by = Who(work.session.get_one(Gate, edge.gate_id).slug, "gate")
                self.happen(work, row, RulesInstalled(at=work.at, by=by, gate=gate, revision=record.revision))

    def _locked(self, work: Work, record_id: UUID, seen: int | None) -> tuple[Site, WorkflowRecord]:
        row = repository.get(work, self.kind, record_id, changing=True)
        self._check_seen(work, row, seen)
        return records.site(work, row.site_id), row

    def _note(self, work: Work, shown: FlowShown, was: list[Any] | None, kept: RulesDraft) -> None:
        """Write down what is wanted of each record: the draft itself keeps only the last."""
        before, after = None if was is None else {"changes": was}, {"changes": kept.changes}
        audit.note(work, self.kind, shown.id, shown.site_id, "draft", version=shown.version, before=before, after=after)

    def _check_seen(self, work: Work, row: WorkflowRecord, seen: int | None) -> None:
        check_seen(work, self.kind, row.id, self.show(work, row).model_dump(mode="json"), seen)

    def _ask(self, row: WorkflowRecord, event: Event) -> None:
        """Raise RefusedError where such an event may not happen now, before anything is done for it."""
        record = self.record(row)
        refusal = self.workflow.advance(record, event)
        if isinstance(refusal, Refusal):
            raise RefusedError(refusal, record.state, self.fields.get(refusal.code, ""))


rules_changes = RulesChanges()


def _awaited(record: RulesChange) -> tuple[str, ...]:
    return missing_gates(record) if record.state in IN_USE else ()


def _slugs(work: Work, site_id: UUID) -> Mapping[str, str]:
    """Return what the gates of a site are called, by id."""
    known: dict[UUID, Mapping[str, str]] = work.session.info.setdefault(GATES, {})
    if site_id not in known:
        known[site_id] = {str(gate): slug for gate, slug in passages.gates(work.session, site_id).items()}
    return known[site_id]


def _gate_called(work: Work, site_id: UUID | None, slug: str) -> str:
    """Return the id of a gate by its slug, or what was given; RegistryError 422 where several sites have such a gate."""
    found = passages.gates_called(work.session, slug, work.actor.site or site_id)
    if len(found) > 1:
        raise RegistryError("several sites have a gate of this slug: name the site too", 422, "site")
    return str(found[0]) if found else slug


def _seen(work: Work, facts: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return an entry of the audit without changes of records that the actor may not read."""
    if facts is None or not facts.get("changes"):
        return facts
    return facts | {"changes": [each for each in facts["changes"] if drafting.may_see(work.actor.role, each["kind"])]}


def _named(work: Work, row: WorkflowRecord) -> Work:
    """Let the audit of each record say which change it was, unless somebody gives a reason of his own."""
    return replace(work, actor=replace(work.actor, reason=work.actor.reason or row.number))


def _kept(work: Work, row: WorkflowRecord) -> RulesDraft:
    return work.session.get_one(RulesDraft, row.id)


def _keep(kept: RulesDraft, drafted: Drafted) -> None:
    kept.changes, kept.trial, kept.replaced_revision = _as_json(drafted.changes), None, 0
    kept.told = {
        "records": _records.dump_python(drafted.draft.records, mode="json"),
        "gone": [[kind, str(record_id)] for kind, record_id in sorted(drafted.draft.gone)],
    }


def _changes(kept: RulesDraft) -> list[RecordChange]:
    return [RecordChange.model_validate(change) for change in kept.changes]


def _as_json(changes: Iterable[RecordChange]) -> list[dict[str, Any]]:
    return [change.model_dump(mode="json") for change in changes]
