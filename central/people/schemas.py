"""Shapes of persons."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from access.contract.record_fields import Category, Status
from central.masking.kinds import Personal
from central.people.identity import IdNumber, Phone
from central.records.schemas import Asked, HolderShown, HolderWanted, Line, Name, Prose, Wanted

Relation = Literal["", "owner", "tenant", "family"]
StaffNumber = Annotated[Line, Field(max_length=40)]
Tail = Annotated[str, Field(max_length=4, pattern="^[0-9]*$")]


class PersonWanted(HolderWanted):
    """What may be set of a person; `levels` are ids of access levels of the same site, `company` one whose staff they are.

    `quota` names the parking spaces that their vehicles take. `namesake` tells those apart who have one name in one unit.
    `staff_number` and `department` are for own staff. `id_number` is not kept, but for its last four characters and a keyed hash:
    without it they stay, with an empty one they go.
    """

    name: Name
    unit: Line = ""
    namesake: Line = ""
    relation: Relation = ""
    category: Category = "resident"
    levels: Annotated[frozenset[UUID], Field(max_length=20)] = frozenset()
    company: UUID | None = None
    quota: UUID | None = None
    staff_number: StaffNumber = ""
    department: Line = ""
    phone: Phone = ""
    id_number: IdNumber | None = None
    vip: bool = False
    vip_note: Line = ""
    escorted: bool = False
    first_person: bool = False
    remark: Prose = ""


class PersonsAsked(Asked):
    """Which persons are wanted."""

    name: Line | None = None
    unit: Line | None = None
    relation: Relation | None = None
    category: Category | None = None
    status: Status | None = None
    company_id: UUID | None = None
    quota_id: UUID | None = None
    staff_number: StaffNumber | None = None
    department: Line | None = None
    phone_tail: Tail | None = None
    vip: bool | None = None


class PersonShown(HolderShown):
    """A person, with the full name: for the office only."""

    name: Annotated[str, Personal("name")]
    unit: Annotated[str, Personal("address")]
    namesake: Annotated[str, Personal("name")]
    relation: Relation
    category: Category
    levels: tuple[UUID, ...]
    company_id: UUID | None
    quota_id: UUID | None
    staff_number: Annotated[str, Personal("id")]
    department: str
    phone: Annotated[str, Personal("phone")]
    phone_tail: Annotated[str, Personal("tail")]
    id_tail: Annotated[str, Personal("id")]
    vip: bool
    vip_note: Annotated[str, Personal("note")]
    escorted: bool
    first_person: bool
    remark: Annotated[str, Personal("note")]


class IdNumberAsked(Wanted):
    """Whose ID number is asked for, at which site; in a body, because addresses are written down on their way."""

    site: UUID
    id_number: Annotated[IdNumber, Field(min_length=5)]
