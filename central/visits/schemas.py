"""Shapes of visits, hosts' links, denied visitors and badges."""

from datetime import date as day
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from access.contract.record_fields import Slug
from access.workflows.visit import PARTY_MAX, USES_MAX, Visit
from central.masking.kinds import Personal
from central.places.settings import Code
from central.records.schemas import Asked, Line, Moment, Name, OfSiteShown, OfSiteWanted, Prose, Shown, VersionedShown, Wanted
from central.vehicles.schemas import Plate, ToldPlate
from central.visits.identity import DIGITS_MAX, DIGITS_MIN, phone_in_one_form
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening

PLATES_MAX = 20
HOSTS_PARTY_MAX, HOSTS_USES_MAX, HOSTS_PLATES_MAX = 20, 10, 5
LINK_DAYS_MAX = 365
# Which document was shown; its number is never written down.
Document = Literal["", "identity_card", "residence_permit", "passport", "driving_licence", "other"]


def _phone(raw: str) -> str:
    phone = phone_in_one_form(raw)
    if not DIGITS_MIN <= len(phone) <= DIGITS_MAX:
        raise ValueError("is no telephone number")
    return phone


Phone = Annotated[str, Field(max_length=40), AfterValidator(_phone)]
Plates = Annotated[tuple[ToldPlate, ...], Field(max_length=PLATES_MAX)]
PhoneTail = Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class VisitDetails(Details):
    """Who visits and what for. Without `phone` the telephone stays as it is; of a document only its kind is kept.

    `phone_end`: its last four digits, where a guard took down no more. `answered_by`: who spoke for the unit or department that
    is visited.
    """

    name: Annotated[Line, Personal("name")] = ""
    phone: Annotated[Phone | None, Personal("phone")] = None
    phone_end: Annotated[PhoneTail | Literal[""], Personal("tail")] = ""
    company: Annotated[Line, Personal("note")] = ""
    purpose: Annotated[Line, Personal("note")] = ""
    remark: Annotated[Prose, Personal("note")] = ""
    document: Document = ""
    answered_by: Annotated[Line, Personal("name")] = ""


class VisitWanted(Opening):
    """A visit: its category by the code of the site, one host (a person, a unit or a department), when it may come in and where.

    The window begins now unless `valid_from` says otherwise; `gates` (by slug; none: all) let it in. What must be done before it
    comes in is set by the site, and so is when the host must have answered, unless `answer_by` is earlier.
    """

    category: Code
    host_person: UUID | None = None
    host_unit: Line = ""
    host_department: Line = ""
    deputies: Annotated[tuple[UUID, ...], Field(max_length=10)] = ()
    party: Annotated[int, Field(ge=1, le=PARTY_MAX)] = 1
    uses: Annotated[int, Field(ge=1, le=USES_MAX)] = 1
    gates: Annotated[tuple[Slug, ...], Field(max_length=20)] = ()
    plates: Plates = ()
    valid_from: Moment | None = None
    valid_until: Moment
    answer_by: Moment | None = None
    details: VisitDetails


class WalkInWanted(VisitWanted):
    """Somebody stands at the gate who was not announced: as a visit, but the host is asked now."""


class VisitsAsked(FlowAsked):
    """Which visits are wanted; `date`: a day of the window in the site's zone, `open`: cards are still out."""

    host: Line | None = None
    unit: Line | None = None
    plate: Plate | None = None
    name: Line | None = None
    phone_tail: PhoneTail | None = None
    category: Code | None = None
    date: day | None = None
    card: Line | None = None
    open: bool | None = None


class VisitShown(FlowShown):
    """A visit. The whole telephone is shown to the office only; `open_items`: cards that were not given back."""

    record: Visit
    details: VisitDetails
    phone_tail: Annotated[str, Personal("tail")] = ""
    open_items: Annotated[tuple[str, ...], Personal("card")] = ()


# --- hosts ----------------------------------------------------------------------------------------


class HostLinkWanted(Wanted):
    """For how many days the link is good."""

    days: Annotated[int, Field(ge=1, le=LINK_DAYS_MAX)] = 30


class HostLinkShown(Shown):
    """A host's link, shown once; its `id` is the person's. The token is behind the #, so that no server on the way logs it."""

    token: str
    path: str
    expires_at: datetime


class HostLinkHeld(Shown):
    """The link that a person has as host, by the person's id, without its token."""

    created_at: datetime
    expires_at: datetime


class HostVisitWanted(Wanted):
    """Visitors whom a host announces by link: host and approval are the host's own, the category is that of an appointment."""

    name: Name
    phone: Phone | None = None
    company: Line = ""
    purpose: Line = ""
    party: Annotated[int, Field(ge=1, le=HOSTS_PARTY_MAX)] = 1
    uses: Annotated[int, Field(ge=1, le=HOSTS_USES_MAX)] = 1
    plates: Annotated[tuple[ToldPlate, ...], Field(max_length=HOSTS_PLATES_MAX)] = ()
    valid_from: Moment | None = None
    valid_until: Moment


class HostAnswer(Wanted):
    """Why a host says no or takes a visit back."""

    reason: Prose


class HostVisitsAsked(Asked):
    """Which of the host's visits are wanted."""

    state: Line | None = None


class HostVisitShown(VersionedShown):
    """A visit as its host sees it; `may` names the answers that are open."""

    number: str
    state: str
    name: Annotated[str, Personal("name")]
    company: Annotated[str, Personal("note")]
    purpose: Annotated[str, Personal("note")]
    plates: Annotated[tuple[str, ...], Personal("plate")]
    party: int
    inside: int
    uses: int
    valid_from: datetime
    valid_until: datetime
    answer_by: datetime | None
    may: list[str]


# --- denied visitors ------------------------------------------------------------------------------


class DeniedVisitorWanted(OfSiteWanted):
    """Somebody who is not to be let in as a visitor: at least one of name, telephone and plate, and why.

    A telephone decides alone, and a plate; a name together with the telephone's last digits, or alone where nothing else is
    given. Without `phone` the telephone stays as it is.
    """

    name: Line = ""
    phone: Phone | None = None
    plate: ToldPlate | None = None
    reason: Name
    valid_until: Moment | None = None


class DeniedVisitorsAsked(Asked):
    """Which denied visitors are wanted."""

    name: Line | None = None
    phone_tail: PhoneTail | None = None
    plate: Plate | None = None


class DeniedVisitorShown(OfSiteShown):
    """Somebody who is not to be let in; the reason is shown to the office only."""

    name: Annotated[str, Personal("name", "blocks")]
    phone_tail: Annotated[str, Personal("tail")]
    plate: Annotated[str, Personal("plate", "blocks")]
    reason: Annotated[str, Personal("note", "blocks")]
    valid_until: datetime | None


# --- printing -------------------------------------------------------------------------------------


class InBoth(BaseModel):
    """A word in both languages."""

    zh: str
    en: str


class ObligationShown(InBoth):
    """What must be done before visitors come in."""

    code: str


class BadgeShown(BaseModel):
    """All that is printed on a visitor's badge; times are on the clock of the site.

    `code` is what its code says (empty: it has none now).
    """

    title: InBoth
    site: str
    number: str
    code: Annotated[str, Personal("card")]
    visitor: Annotated[str, Personal("name")]
    category: InBoth
    host: Annotated[str, Personal("name")]
    unit: Annotated[str, Personal("address")]
    valid_from: datetime
    valid_until: datetime
    party: int
    uses: int
    gates: list[str]
    all_gates: InBoth | None
    plates: Annotated[tuple[str, ...], Personal("plate")]
    obligations: list[ObligationShown]
