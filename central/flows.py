"""All kinds of records that workflows move, for what is done with each alike: as time passes, in files, in documents."""

from typing import Any

from central.duty.incidents import incidents
from central.workflows.services import Flow

FLOWS: tuple[Flow[Any], ...] = (incidents,)
