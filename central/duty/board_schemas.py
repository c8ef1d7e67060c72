"""Shapes of notices, of whereabouts, of applicants, and of the board that shows them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from central.masking.kinds import Personal
from central.records.schemas import Asked, Line, Moment, Name, OfSiteShown, OfSiteWanted, Prose, Wanted

Importance = Literal["normal", "important", "urgent"]
SubjectKind = Literal["vehicle", "staff"]
ApplicantState = Literal["waiting", "called", "done", "sent_away"]
PhoneTail = Annotated[str, Field(pattern=r"^(?:[0-9]{4})?$")]
Ids = Annotated[frozenset[UUID], Field(max_length=50)]


class NoticeWanted(OfSiteWanted):
    """What may be set of a notice: words in Chinese, in English if there are any, where it is shown, and when.

    Without `gates` and `lanes` it is for all; without `valid_from` it begins now.
    """

    title: Name
    text: Prose = ""
    title_en: Line = ""
    text_en: Prose = ""
    at_booth: bool = True
    at_lane_display: bool = False
    at_office: bool = False
    gates: Ids = frozenset()
    lanes: Ids = frozenset()
    importance: Importance = "normal"
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class NoticesAsked(Asked):
    """Which notices are wanted; `current`: those valid now, `at`: those valid then."""

    importance: Importance | None = None
    at_booth: bool | None = None
    at_lane_display: bool | None = None
    at_office: bool | None = None
    current: bool | None = None
    at: Moment | None = None


class NoticeShown(OfSiteShown):
    """A notice."""

    title: str
    text: str
    title_en: str
    text_en: str
    at_booth: bool
    at_lane_display: bool
    at_office: bool
    gates: list[UUID]
    lanes: list[UUID]
    importance: Importance
    valid_from: datetime
    valid_until: datetime | None


class WhereaboutsWanted(OfSiteWanted):
    """Where a vehicle (plate in any spelling) or somebody of the staff (name) has gone; without `left_at`: now."""

    subject_kind: SubjectKind
    subject: Name
    destination: Name
    left_at: Moment | None = None
    expected_back: Moment | None = None
    returned_at: Moment | None = None
    remark: Line = ""


class WhereaboutsAsked(Asked):
    """Which whereabouts are wanted; `current`: of those who are not back."""

    subject_kind: SubjectKind | None = None
    subject: Line | None = None
    current: bool | None = None


class WhereaboutsShown(OfSiteShown):
    """Where somebody has gone; `returned_at`: back since then."""

    subject_kind: SubjectKind
    subject: Annotated[str, Personal("staff")]
    destination: Annotated[str, Personal("staff")]
    left_at: datetime
    expected_back: datetime | None
    returned_at: datetime | None
    remark: Annotated[str, Personal("note")]


class ApplicantWanted(OfSiteWanted):
    """Somebody who came about a job (without `came_at`: now); of the telephone only the last four digits are kept."""

    name: Name
    phone_tail: PhoneTail = ""
    position: Line = ""
    came_at: Moment | None = None
    waits_where: Line = ""
    department: Line = ""
    interviewer: Line = ""
    state: ApplicantState = "waiting"
    remark: Line = ""


class ApplicantsAsked(Asked):
    """Which applicants are wanted."""

    state: ApplicantState | None = None
    department: Line | None = None
    name: Line | None = None


class ApplicantShown(OfSiteShown):
    """An applicant."""

    name: Annotated[str, Personal("name")]
    phone_tail: Annotated[str, Personal("tail")]
    position: Annotated[str, Personal("note")]
    came_at: datetime
    waits_where: Annotated[str, Personal("note")]
    department: str
    interviewer: Annotated[str, Personal("staff")]
    state: ApplicantState
    remark: Annotated[str, Personal("note")]


class BoardAsked(Wanted):
    """Whose board is wanted, and of which time (without `at`: now); with `gate` only what is for it or its lanes."""

    site: UUID
    at: Moment | None = None
    gate: UUID | None = None


class Posted(BaseModel):
    """A notice as it is shown; with `lanes` only on the displays of these."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    text: str
    title_en: str
    text_en: str
    importance: Importance
    gates: list[UUID]
    lanes: list[UUID]
    valid_until: datetime | None


class Away(BaseModel):
    """Somebody who is not back; `is_late`: back was expected before."""

    model_config = ConfigDict(from_attributes=True)

    subject_kind: SubjectKind
    subject: Annotated[str, Personal("staff")]
    destination: Annotated[str, Personal("staff")]
    left_at: datetime
    expected_back: datetime | None
    is_late: bool = False


class BoardShown(BaseModel):
    """What is to be shown at a time: notices for booths, lane displays and office, the most important first; and who is away.

    `away` leaves out who should have been back for a day, or left a week ago with no word of a return; `more_away`: not all are
    in it, those who left last come first.
    """

    at: datetime
    booth: list[Posted]
    lane_display: list[Posted]
    office: list[Posted]
    away: list[Away]
    more_away: bool
