"""All kinds of records that workflows move, for what is done with each alike: as time passes, in files, in documents."""

from typing import Any

from central.cards.parking import parking_permits
from central.contractors.passes import passes
from central.contractors.permits import permits
from central.duty.incidents import incidents
from central.duty.shifts import shifts
from central.goods.services import slips
from central.office_keys.services import office_keys
from central.rules_changes.services import rules_changes
from central.visits.services import visits
from central.workflows.services import Flow

FLOWS: tuple[Flow[Any], ...] = (incidents, shifts, permits, passes, slips, visits, rules_changes, parking_permits, office_keys)
