"""The pepper of the site: asked for once the gate is approved, and kept where only this user can read it."""

from pydantic import ValidationError

from access.contract.sync import PepperTold
from edge.courier.errors import RefusalError, SyncError
from edge.courier.registry import Registry
from edge.pepper import keep_pepper, read_pepper
from edge.places import Places

IDLE_S = 600.0


class PepperStream:
    """Asks as long as there is no pepper here: a box that was enrolled before there were any gets it at its next contact."""

    name = "pepper"

    def __init__(self, places: Places, registry: Registry) -> None:
        self._places = places
        self._registry = registry

    def step(self) -> float:
        """Ask where it is missing; return the seconds until it may be missing again. Raises SyncError, RefusalError."""
        if read_pepper(self._places):
            return IDLE_S
        try:
            told = PepperTold.model_validate_json(self._registry.ask("GET", "/pepper"))
            keep_pepper(self._places, bytes.fromhex(told.pepper))
        except RefusalError as error:
            if error.status != 404:
                raise  # else a registry that knows no pepper yet
        except ValidationError:
            raise SyncError("a pepper of another version") from None  # the error's own words show it
        except OSError as error:
            raise SyncError(f"{self._places.pepper} cannot be written: {error.strerror}") from error
        return IDLE_S
