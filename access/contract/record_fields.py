"""What the fields of rule records may hold, and their base."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from access.identifiers import SLUG


def _existing(day: str) -> str:
    """Return a date of the form YYYY-MM-DD that there is; raises ValueError: a gate could read none of its rules for it."""
    return date.fromisoformat(day).isoformat()


Slug = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
Text = Annotated[str, Field(max_length=200)]
Seconds = Annotated[int, Field(ge=0, le=253402300799)]
Clock = Annotated[str, Field(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_existing)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Hours = Annotated[int, Field(ge=1, le=24 * 366)]
Window = Annotated[int, Field(ge=1, le=3600)]
Plate = Annotated[str, Field(min_length=2, max_length=12)]
Status = Literal["active", "frozen", "lost", "revoked", "expired", "returned", "confiscated"]
Asked = Literal["refer", "deny"]
Category = Literal["resident", "tenant", "family", "staff", "company", "contractor", "visitor", "vip", "emergency", "officer"]
VehicleClass = Literal["car", "large", "motorcycle", "tricycle", "bicycle"]
GoodsCheck = Literal["loading", "mover", "contractor", "large", "slip"]


class Record(BaseModel):
    """Base of all rule records: unknown keys are refused, values are never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID
