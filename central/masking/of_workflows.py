"""What is personal in the records of workflows, whose own package knows nothing of roles; marks as `Personal` on a shape."""

from collections.abc import Mapping
from typing import Final

from access.workflows.card import Card
from access.workflows.card import Holding as CardHolding
from access.workflows.contractor_pass import ContractorPass
from access.workflows.incident import Incident, LogEntry
from access.workflows.office_key import Loan, OfficeKey
from access.workflows.pass_terms import PassTerms
from access.workflows.permit import Permit, PermitTerms
from access.workflows.release_slip import Paper, ReleaseSlip, SlipLine, SlipTerms, Trip
from access.workflows.shift import Absence, OpenItem, SheetItem
from access.workflows.visit import Visit, VisitTerms
from central.masking.kinds import Personal

MARKS: Final[Mapping[type, Mapping[str, Personal]]] = {
    CardHolding: {"bound_to": Personal("credential"), "deposit": Personal("note")},
    Card: {"number": Personal("card")},
    ContractorPass: {"violations": Personal("note"), "deposit": Personal("note")},
    Incident: {"place": Personal("report")},
    LogEntry: {"text": Personal("report"), "told": Personal("staff")},
    Loan: {"to": Personal("name"), "purpose": Personal("note")},
    OfficeKey: {"unit": Personal("address"), "label": Personal("address"), "owner": Personal("name")},
    PassTerms: {"person": Personal("name"), "responsible": Personal("name"), "units": Personal("address")},
    Permit: {"fees": Personal("note"), "deposit": Personal("note")},
    PermitTerms: {"owner": Personal("name"), "responsible": Personal("name"), "units": Personal("address")},
    Paper: {"person": Personal("name"), "reference": Personal("note")},
    ReleaseSlip: {"review": Personal("report")},
    SlipLine: {"remark": Personal("note")},
    SlipTerms: {"applicant": Personal("name"), "plates": Personal("plate")},
    Trip: {"carrier": Personal("name"), "plate": Personal("plate")},
    Absence: {"reason": Personal("report")},
    OpenItem: {"reason": Personal("report")},
    SheetItem: {"word": Personal("report")},
    Visit: {"lent": Personal("card")},
    VisitTerms: {
        "host": Personal("address"),
        "host_name": Personal("name"),
        "unit": Personal("address"),
        "plates": Personal("plate"),
    },
}
