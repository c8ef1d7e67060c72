"""Tables of privacy notices."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from central.tables import Base


class PrivacySettingsRow(Base):
    """What a site's privacy notice says of who answers for the data, as `PrivacySettings`."""

    __tablename__ = "privacy_settings"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[Any] = mapped_column(JSON)
