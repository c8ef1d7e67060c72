"""Owners' keys that the office keeps: what hangs where, who has what, and which are overdue."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import ConfigDict, Field
from typing_extensions import override

from access.workflows.events import Event
from access.workflows.office_key import WORKFLOW, KeyGiven, KeyLent, KeyLost, KeyMoved, KeyReturned, OfficeKey
from central.errors import RegistryError
from central.masking.kinds import Personal
from central.records.repository import of_site
from central.records.schemas import Line, Moment, Name, Page, Prose, Wanted
from central.registry import Work
from central.tables import Person, Site
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening
from central.workflows.services import Act, Flow

Place = Annotated[Line, Field(max_length=40)]
LEND = Act("lend", KeyLent, by_hand=True)


class KeyDetails(Details):
    """What is noted of a key: how many there are on the ring, remarks."""

    count: Annotated[int, Field(ge=1, le=1000)] = 1
    remark: Annotated[Prose, Personal("note")] = ""


class KeyWanted(Opening):
    """Take a key into keeping: of which unit, what its label says, where it hangs, whose it is."""

    unit: Name
    label: Name
    place: Place = ""
    owner: Annotated[Line, Field(max_length=100)] = ""
    details: KeyDetails = KeyDetails()


class LendWanted(Wanted):
    """Lend a key to a person of the site, or to somebody by name, for a purpose and until a time."""

    person: UUID | None = None
    to: Annotated[Line, Field(max_length=100)] = ""
    purpose: Line = ""
    due_back: Moment


class KeyShown(FlowShown):
    """A key; `record.loan` says who has it, `is_overdue` that it should be back."""

    model_config = ConfigDict(from_attributes=True)

    record: OfficeKey
    details: KeyDetails
    is_overdue: bool = False


class _KeysFound(FlowAsked):
    unit: Line | None = None
    label: Line | None = None
    place: Line | None = None
    person: UUID | None = None
    to: Line | None = None


class KeysAsked(_KeysFound):
    """Which keys are wanted; `to`: lent to this name, `person`: to this person; `overdue`: that should be back by now."""

    overdue: bool = False


class _ByClock(_KeysFound):
    due_back_before: Moment | None = None


class OfficeKeys(Flow[OfficeKey]):
    """Keys kept by the office."""

    workflow = WORKFLOW
    shown = KeyShown
    details = KeyDetails
    prefix = "K"
    fields: Mapping[str, str] = {**Flow.fields, "holder_missing": "to", "due_back_missing": "due_back"}
    acts = (
        LEND,
        Act("return", KeyReturned),
        Act("lost", KeyLost),
        Act("give-to-owner", KeyGiven),
        Act("move", KeyMoved),
    )

    @override
    def keys(self, record: OfficeKey, details: Details) -> Iterable[tuple[str, str]]:
        yield from (("unit", record.unit), ("label", record.label), ("place", record.place))
        if loan := record.loan:
            yield "person" if _is_id(loan.to) else "to", loan.to
            yield "due_back", _sortable(loan.due_back) if record.state == "lent" else ""

    @override
    def show(self, work: Work, row: Any) -> FlowShown:
        shown = cast("KeyShown", super().show(work, row))
        loan = shown.record.loan
        is_overdue = shown.state == "lent" and loan is not None and loan.due_back <= work.at
        return shown.model_copy(update={"is_overdue": is_overdue})

    @override
    def page(self, work: Work, asked: FlowAsked) -> Page[Any]:
        """Show one page of the list; what is overdue is told by the clock."""
        is_overdue = isinstance(asked, KeysAsked) and asked.overdue
        now = work.at.replace(microsecond=0) if is_overdue else None
        return super().page(work, _ByClock(**asked.model_dump(exclude={"overdue"}), due_back_before=now))

    def lend(self, work: Work, record_id: UUID, wanted: LendWanted, seen: int | None = None) -> FlowShown:
        """Lend a key; RegistryError 404, 409 and 422."""
        if wanted.person and wanted.to:
            raise RegistryError("a key is lent to a person of the site, or to a name", 422, "to")
        to = str(wanted.person) if wanted.person else wanted.to
        loan = {"to": to, "purpose": wanted.purpose, "due_back": wanted.due_back}
        return self.act(work, record_id, LEND, {"loan": loan}, seen)

    @override
    def prepared(self, work: Work, site: Site, record: OfficeKey, event: Event) -> Event:
        """Let who borrows by an id be a person of the site."""
        if isinstance(event, KeyLent) and _is_id(event.loan.to):
            of_site(work.session, Person, UUID(event.loan.to), site.id, "person")
        return event


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _sortable(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def facts_of(wanted: KeyWanted) -> Mapping[str, Any]:
    """Return what a key taken into keeping begins with."""
    return {name: getattr(wanted, name) for name in ("unit", "label", "place", "owner")}


office_keys = OfficeKeys()
