"""Documents as references: what was shown, its number, where it lies and how long it is valid; no document is kept here."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select
from typing_extensions import override

from access.workflows import permit
from central.errors import RegistryError
from central.masking.kinds import Personal
from central.people import repository
from central.people.tables import Company, Document
from central.records.repository import of_site
from central.records.schemas import Asked, Line, Moment, Name, OfSiteShown, OfSiteWanted, Prose
from central.records.services import Records
from central.registry import Work
from central.tables import Person, Site
from central.workflows.tables import WorkflowRecord

SubjectKind = Literal["person", "company", "unit", "permit"]
DocumentKind = Literal[
    "proof_of_title",
    "owner_consent",
    "firm_licence",
    "firm_qualification",
    "identity_guarantee",
    "trade_certificate",
    "authorisation",
    "company_stamp",
    "other",
]
HOLDERS: dict[SubjectKind, type[Person] | type[Company]] = {"person": Person, "company": Company}


class DocumentWanted(OfSiteWanted):
    """What may be set of a document; `subject`: the id of a person, company or permit, or the name of a unit.

    `place`: where the paper lies. `file_name` and `sha256`: of a file that is kept elsewhere.
    """

    subject_kind: SubjectKind
    subject: Name
    document_kind: DocumentKind
    number: Line = ""
    place: Line = ""
    valid_until: Moment | None = None
    file_name: Line = ""
    sha256: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{64})?$")] = ""
    remark: Prose = ""


class DocumentsAsked(Asked):
    """Which documents are wanted; `expires_before`: those that end before this time, the ended ones too."""

    subject_kind: SubjectKind | None = None
    subject: Line | None = None
    document_kind: DocumentKind | None = None
    number: Line | None = None
    expires_before: Moment | None = None


class DocumentShown(OfSiteShown):
    """A document."""

    subject_kind: SubjectKind
    subject: Annotated[str, Personal("address")]
    document_kind: DocumentKind
    number: Annotated[str, Personal("id")]
    place: str
    valid_until: datetime | None
    file_name: Annotated[str, Personal("note")]
    sha256: str
    remark: Annotated[str, Personal("note")]


class Documents(Records[Document, DocumentWanted, DocumentShown]):
    """Documents, by whose they are, kind and number."""

    table = Document
    wanted = DocumentWanted
    shown = DocumentShown
    taken = "a document of this kind and number is noted there already"

    @override
    def fill(self, work: Work, site: Site, row: Document, wanted: DocumentWanted) -> None:
        """Set all of a document; whose it is must be of the site."""
        row.subject = _subject(work, site, wanted)
        for name in ("subject_kind", "document_kind", "number", "place", "valid_until", "file_name", "sha256", "remark"):
            setattr(row, name, getattr(wanted, name))

    @override
    def key(self, wanted: DocumentWanted) -> dict[str, object]:
        names = ("subject_kind", "document_kind", "number")
        subject = wanted.subject if wanted.subject_kind == "unit" else str(_id(wanted.subject) or wanted.subject)
        return {"subject": subject} | {name: getattr(wanted, name) for name in names}

    @override
    def narrowed(self, query: Select[Document], asked: Asked) -> Select[Document]:
        assert isinstance(asked, DocumentsAsked)
        if asked.expires_before is not None:
            query = query.where(Document.valid_until < asked.expires_before)
        return super().narrowed(query, asked.model_copy(update={"expires_before": None}))


def _subject(work: Work, site: Site, wanted: DocumentWanted) -> str:
    """Return whose the document is as it is kept; RegistryError 422. Units are known by their names alone."""
    if wanted.subject_kind == "unit":
        return wanted.subject
    subject = _id(wanted.subject)
    if subject is None:
        raise RegistryError("this is no id of a record", 422, "subject")
    if wanted.subject_kind == "permit":
        found = of_site(work.session, WorkflowRecord, subject, site.id, "subject")
        if found.workflow != permit.WORKFLOW.name:
            raise RegistryError("there is no such record in {table} of this site", 422, "subject", table="permit")
    else:
        holder = HOLDERS[wanted.subject_kind]
        repository.hold_still(work.session, holder, subject)
        of_site(work.session, holder, subject, site.id, "subject")
    return str(subject)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


documents = Documents()
