"""Companies: tenants, contractors' firms, suppliers, the property company; their staff are persons with this company."""

from typing import Annotated, Literal
from uuid import UUID

from typing_extensions import override

from access.contract.record_fields import Status
from central.cards.at_booth import tell_permits_of
from central.errors import RegistryError
from central.masking.kinds import Personal
from central.people import repository
from central.people.identity import Phone
from central.people.tables import Company
from central.records.repository import get
from central.records.schemas import Asked, HolderShown, HolderWanted, Line, Name, Prose
from central.records.services import Records
from central.records.validity import fill_validity
from central.registry import Work
from central.tables import Site

CompanyKind = Literal["tenant", "contractor", "supplier", "property"]


class CompanyWanted(HolderWanted):
    """What may be set of a company; `responsible`: who answers for its people."""

    name: Name
    company_kind: CompanyKind
    unit: Line = ""
    licence_number: Line = ""
    qualification_number: Line = ""
    responsible: Line = ""
    phone: Phone = ""
    remark: Prose = ""


class CompaniesAsked(Asked):
    """Which companies are wanted."""

    name: Line | None = None
    company_kind: CompanyKind | None = None
    unit: Line | None = None
    status: Status | None = None


class CompanyShown(HolderShown):
    """A company."""

    name: str
    company_kind: CompanyKind
    unit: str
    licence_number: str
    qualification_number: str
    responsible: Annotated[str, Personal("name")]
    phone: Annotated[str, Personal("phone")]
    remark: Annotated[str, Personal("note")]


class Companies(Records[Company, CompanyWanted, CompanyShown]):
    """Companies, by name. What their staff may do stands with each of these persons: gates know no companies."""

    table = Company
    wanted = CompanyWanted
    shown = CompanyShown
    taken = "another company of the site has this name"
    in_use = "persons, vehicles or parking spaces of this company are still registered"

    @override
    def fill(self, work: Work, site: Site, row: Company, wanted: CompanyWanted) -> None:
        """Set all of a company."""
        fill_validity(row, wanted)
        for name in ("name", "company_kind", "unit", "licence_number", "qualification_number", "responsible", "phone", "remark"):
            setattr(row, name, getattr(wanted, name))

    @override
    def key(self, wanted: CompanyWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def followed(self, work: Work, site: Site, row: Company) -> None:
        """Show at booths what the holder of a permit is called by now."""
        tell_permits_of(work, site, "company", row.id)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = get(work, Company, record_id, changing=True)
        if repository.has_documents(work.session, row.site_id, "company", row.id):
            raise RegistryError("documents of this company are still kept: delete those first", 409)
        super().delete(work, record_id, seen)


companies = Companies()
