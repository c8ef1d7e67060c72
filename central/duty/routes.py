"""Routes of guards."""

from central.duty.schemas import GuardsAsked
from central.duty.services import guards
from central.records.routes import record_routes

router = record_routes(guards, "duty", one="guard", asked=GuardsAsked)
