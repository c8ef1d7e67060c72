"""Routes of vehicles; whoever registers one is warned of plates that are one confusion from its own."""

from central.records.routes import record_routes
from central.vehicles.schemas import VehicleRegistered, VehiclesAsked
from central.vehicles.services import vehicles

router = record_routes(vehicles, "vehicles", one="vehicle", asked=VehiclesAsked, registered=VehicleRegistered)
