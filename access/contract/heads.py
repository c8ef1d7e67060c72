"""The signed head of the registry's tree of all heads: what is published outside, and what proofs lead to."""

from typing import Annotated, Literal

from pydantic import Field

from access.contract.checkpoints import Hex64
from access.contract.sync import Hex32, Message


class TreeHead(Message):
    """So many leaves, the RFC 6962 root over them, when (UTC microseconds, by the registry), and the registry's signature."""

    version: Literal[1] = 1
    size: Annotated[int, Field(ge=0)]
    root: Hex32
    at_us: int
    signature: Hex64

    def signed_bytes(self) -> bytes:
        """Return the bytes that the registry signs."""
        return "\n".join(("gatehouse-tree-head-1", str(self.size), self.root, str(self.at_us))).encode()
