"""What the office is shown of checkpoints."""

from uuid import UUID

from pydantic import BaseModel


class CheckpointShown(BaseModel):
    """A head that a gate signed; `agrees`: it is on the chain stored here (None: not come so far). Times in UTC microseconds."""

    edge: UUID
    epoch: UUID
    seq: int
    head: str
    at_us: int
    received_us: int
    agrees: bool | None
