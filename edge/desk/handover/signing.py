"""Who signs a handover: another guard than the one who is signed in, by badge and PIN on the same page."""

import math
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Form

from edge.desk import words
from edge.desk.booth import Booth
from edge.desk.duty.doing import Wrong
from edge.desk.guards import Refused
from edge.desk.handover.words import BADGE_MISSING, NOT_LEADER
from edge.desk.sessions import Session


@dataclass(frozen=True, slots=True)
class Signature:
    """Badge and PIN of who signs."""

    badge: Annotated[str, Form(max_length=20)] = ""
    pin: Annotated[str, Form(max_length=64)] = field(default="", repr=False)


async def signer(booth: Booth, signature: Signature, language: str, *, leads: bool = False) -> Session | Wrong:
    """Return who has signed, as if signed in for this one act; or what is wrong. `leads`: it must be a shift leader."""
    translated = words.catalogue(language).gettext
    badge, now = signature.badge.strip(), booth.clock.now()
    if not badge or not signature.pin:
        return Wrong(translated(BADGE_MISSING), "badge")
    proved = await booth.sign_in.check(badge, signature.pin, now)
    if isinstance(proved, Refused):
        wait = translated(words.TOO_MANY_TRIES) % {"seconds": math.ceil(proved.wait_s)}
        return Wrong(wait if proved.wait_s else translated(words.WRONG_PIN), "pin")
    if leads and not proved.leader:
        return Wrong(translated(NOT_LEADER), "badge")
    return Session("", str(proved.id), proved.badge, proved.name, now, proved.leader)
