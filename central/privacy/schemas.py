"""Shapes of privacy: what a notice says of who answers for the data, and who asks for a copy of theirs."""

from typing import Literal
from uuid import UUID

from central.erasure.subjects import Kind
from central.records.schemas import Line, Name, OfSiteShown, Prose, Wanted

Language = Literal["zh", "en"]


class PrivacySettings(Wanted):
    """Who answers for the data of a site: the property company, its address, how to reach it, and who else gets to see data.

    `officer`: whoever is in charge of personal data there. `law`: which law the notice goes by. `more`: words of one's own.
    """

    controller: Line = ""
    address: Line = ""
    contact: Line = ""
    officer: Line = ""
    authority: Line = ""
    recipients: Line = ""
    law: Literal["pipl", "gdpr"] = "pipl"
    more: Prose = ""


class PrivacyShown(PrivacySettings, OfSiteShown):
    """What a site's notice says, and its version (0: nothing was set yet); its `id` is the site's."""


class SubjectWanted(Wanted):
    """Whose data is wanted: a person, or whom a visit or a contractor pass is of, by its id; and what for, which stays."""

    subject: Kind
    record: UUID
    purpose: Name
