"""Tables of visits."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Bytewise, Versioned


class DeniedVisitor(Versioned):
    """Somebody who is not to be let in as a visitor: by name, telephone or plate; what is not known is empty.

    `folded` is what spellings of the name have in common; of the telephone only a hash and the last digits are kept.
    """

    __tablename__ = "denied_visitors"
    __table_args__ = (
        UniqueConstraint("site_id", "folded", "phone_hash", "plate"),
        Index(None, "site_id", "phone_hash"),
        Index(None, "site_id", "plate"),
    )
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(Bytewise)
    phone_hash: Mapped[bytes]
    phone_tail: Mapped[str]
    plate: Mapped[str] = mapped_column(Bytewise)
    reason: Mapped[str]
    valid_until: Mapped[datetime | None]
