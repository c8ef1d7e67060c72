"""The signed head of a gate's journal: the gate says where it is, the registry countersigns; a cut-off tail shows against it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from access.contract.sync import Hex32, Message

Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class Checkpoint(Message):
    """The head of an epoch: chain hash at `seq`, when (UTC microseconds, the gate's clock), and the gate's Ed25519 signature."""

    version: Literal[1] = 1
    edge: UUID
    epoch: UUID
    seq: Annotated[int, Field(ge=1)]
    head: Hex32
    at_us: int
    signature: Hex64

    def signed_bytes(self) -> bytes:
        """Return the bytes that the gate signs."""
        lines = ("gatehouse-checkpoint-1", str(self.edge), str(self.epoch), str(self.seq), self.head, str(self.at_us))
        return "\n".join(lines).encode()


class Countersigned(Message):
    """The registry has seen a checkpoint: its own clock (UTC microseconds) and its signature over the gate's.

    `agrees`: its own chain has this hash at this place; None while it has not come that far.
    """

    version: Literal[1] = 1
    checkpoint: Checkpoint
    agrees: bool | None
    received_us: int
    signature: Hex64

    def signed_bytes(self) -> bytes:
        """Return the bytes that the registry signs."""
        agrees = {True: "yes", False: "no", None: "unknown"}[self.agrees]
        lines = ("gatehouse-countersigned-1", self.checkpoint.signature, agrees, str(self.received_us))
        return "\n".join(lines).encode()
