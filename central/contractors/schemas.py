"""Shapes of renovation permits and contractor passes."""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, computed_field

from access.passes import CODE_CHARS_MAX
from access.workflows.contractor_pass import ContractorPass
from access.workflows.permit import WORKERS_MAX, Permit
from central.contractors.trades import Trade
from central.masking.kinds import Personal
from central.people.identity import IdNumber, Phone
from central.records.schemas import Line, Moment, Name, Prose, Wanted, WordsShown
from central.workflows.schemas import Details, FlowAsked, FlowShown, Opening

# A whole ID number of either length; a number longer than these is none.
ID_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")


def _no_id_number(text: str) -> str:
    if ID_NUMBER.search(text):
        raise ValueError("holds a whole ID number")
    return text


Text = Annotated[Line, AfterValidator(_no_id_number)]
Reference = Annotated[Text, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^GP1:[0-9A-Z $%*+./:-]+$", max_length=CODE_CHARS_MAX)]
Remark = Annotated[Prose, AfterValidator(_no_id_number)]
Units = Annotated[tuple[Reference, ...], Field(max_length=100)]
Papers = Annotated[tuple[Reference, ...], Field(max_length=20)]
IdOrNone = Annotated[UUID | None, PlainSerializer(lambda value: str(value) if value else "", return_type=str)]


# --- permits ---------------------------------------------------------------------------------------


class PaperReference(Wanted):
    """Where a paper of an application lies: its kind, and a number or place."""

    kind: Name
    reference: Annotated[Reference, Personal("note")]


class PermitDetails(Details):
    """What the office writes down of a permit besides: the works, whom to call, lift and storey, where the papers lie."""

    works: Annotated[Remark, Personal("note")] = ""
    phone: Annotated[Phone, Personal("phone")] = ""
    lift: Text = ""
    remark: Annotated[Remark, Personal("note")] = ""
    company: UUID | None = None
    documents: Annotated[tuple[PaperReference, ...], Field(max_length=50)] = ()


class PermitTermsWanted(Wanted):
    """What is applied for. `owner` and `responsible`: the id of a person of the site, or a name; `firm` empty: the owner works.

    `schedule`: the hours of the work; none: those that the site has set, if it has.
    """

    owner: Text = ""
    firm: Text = ""
    responsible: Text = ""
    tenant: bool = False
    units: Units = ()
    workers: Annotated[int, Field(ge=1, le=WORKERS_MAX)] = 1
    valid_from: Moment
    valid_until: Moment
    schedule: IdOrNone = None


class PermitWanted(PermitTermsWanted, Opening):
    """An application for a renovation permit is begun, as a draft."""

    details: PermitDetails = PermitDetails()


class ChangeWanted(Wanted):
    """Units and end as they are to be; the responsible person asked for it."""

    asked_by: Reference
    units: Annotated[Units, Field(min_length=1)]
    valid_until: Moment


class AgreedShown(FlowShown):
    """What permits and passes show alike of their terms; `expires_soon`: in force, and over within the site's days of warning."""

    model_config = ConfigDict(from_attributes=True)

    record: Any
    expires_soon: bool = False

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated properties; pydantic documents this order
    @property
    def units(self) -> tuple[str, ...]:
        """The units that it covers."""
        units: tuple[str, ...] = self.record.terms.units
        return units

    @computed_field  # type: ignore[prop-decorator] # as above
    @property
    def valid_until(self) -> datetime:
        """When it ends."""
        until: datetime = self.record.terms.valid_until
        return until


class PermitShown(AgreedShown):
    """A renovation permit."""

    model_config = ConfigDict(from_attributes=True)

    record: Permit
    details: PermitDetails


class PermitsAsked(FlowAsked):
    """Which permits are wanted; `expires_before`: those in force that end before then."""

    owner: Line | None = None
    responsible: Line | None = None
    firm: Line | None = None
    unit: Line | None = None
    expires_before: Moment | None = None


# --- passes ----------------------------------------------------------------------------------------


class PassDetails(Details):
    """Whose pass it is, for the office: `id_tail` is the end of the ID number; `photo` the SHA-256 of a photo that was sent."""

    name: Annotated[Text, Personal("name")] = ""
    phone: Annotated[Phone, Personal("phone")] = ""
    id_tail: Annotated[str, Field(pattern=r"^(?:[0-9]{3}[0-9Xx])?$"), Personal("id")] = ""
    photo: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{64})?$"), Personal("photo")] = ""
    remark: Annotated[Remark, Personal("note")] = ""


class PassWanted(Opening):
    """A pass is made out to one person, on a permit in force.

    The person is known by the ID number, of which a keyed hash and the last four characters are kept, or by `person`: a reference
    of the office's choice.
    """

    permit: UUID
    person: Text = ""
    id_number: IdNumber | None = None
    trade: Trade = ""
    papers: Papers = ()
    units: Annotated[Units, Field(min_length=1)]
    valid_from: Moment
    valid_until: Moment
    details: PassDetails


class Reissue(Opening):
    """What a pass that was lost hands on to the new one."""

    details: PassDetails


class PassReplaceWanted(Wanted):
    """A lost pass is made out anew; the registry gives the number. `deposit`: what was settled, in words."""

    deposit: Remark = ""


class ViolationWanted(Wanted):
    """What was done that the permit forbids."""

    what: Annotated[Remark, Field(min_length=1)]


class EnterWanted(Wanted):
    """The original was shown and the duplicate handed in at a post (its name or id): what was read off the two parts.

    That is the number with its mark, or the whole code.
    """

    post: Reference
    original: Reference | Code
    duplicate: Text | Code = ""


class LeaveWanted(Wanted):
    """The holder went out at a post."""

    post: Reference


class CountWanted(Wanted):
    """The board of a post was counted, and this duplicate found on it or not; it is believed over the record."""

    post: Reference
    found: bool


class PassShown(AgreedShown):
    """A contractor pass; `warnings` tells what is allowed and still strange, after an issue only."""

    model_config = ConfigDict(from_attributes=True)

    record: ContractorPass
    details: PassDetails
    warnings: tuple[WordsShown, ...] = ()


class PassesAsked(FlowAsked):
    """Which passes are wanted; `post`: whose duplicates hang there; `expires_before`: those in force that end before then."""

    permit: UUID | None = None
    person: Line | None = None
    name: Line | None = None
    firm: Line | None = None
    trade: Line | None = None
    unit: Line | None = None
    expires_before: Moment | None = None
    post: Line | None = None
    replaces: Line | None = None
    inside: bool | None = None
    violation: bool | None = None


# --- boards ----------------------------------------------------------------------------------------


class BoardAsked(BaseModel):
    """The board of which post."""

    model_config = ConfigDict(extra="forbid")

    site: UUID
    post: Name


class PostBoardShown(BaseModel):
    """The duplicates that hang at a post, longest first: of holders who are inside, and of those who left by another post."""

    post: str
    inside: list[PassShown]
    in_transfer: list[PassShown]


class OverdueAsked(BaseModel):
    """The site whose overdue workers are wanted, and those of which post or firm."""

    model_config = ConfigDict(extra="forbid")

    site: UUID
    post: Line | None = None
    firm: Line | None = None


class OverdueShown(BaseModel):
    """Workers on a permit who are inside through a post though hours or validity are over; `responsible` is called first."""

    post: str
    firm: str
    permit: UUID
    responsible: Annotated[str, Personal("name")]
    phone: Annotated[str, Personal("phone")]
    passes: list[PassShown]
