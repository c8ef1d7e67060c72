"""Who acts in a piece of work: it decides which sites are seen, and stands in the audit of all that is changed."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from access.workflows.events import Who


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program: name, role, the one site that it is bound to (None: all), where from, and why it acts.

    `person`: the cardholder that acts by a link, as the host of visitors does; `id`: of the user or token; `badge`: what a
    guard acts under where that is not the name. `scopes`: the areas that a program's token is for, each with read or write,
    within what the role may; None: all of it.
    """

    name: str
    role: str
    site: UUID | None = None
    origin: str = ""
    reason: str = ""
    person: UUID | None = None
    id: UUID | None = None
    badge: str = ""
    scopes: tuple[tuple[str, str], ...] | None = None

    def reaches(self, area: str, *, writes: bool) -> bool:
        """Tell whether an area is within what its token is for; whether the role may is another question."""
        if self.scopes is None:
            return True
        return (area, "write") in self.scopes or (not writes and (area, "read") in self.scopes)

    def sees(self, site: UUID | None) -> bool:
        """Tell whether what belongs to this site (None: to no site) is within its bounds."""
        return self.site is None or self.site == site

    @property
    def who(self) -> Who:
        """As the workflows know it: a host by the cardholder's id, a guard by badge, all others by name."""
        return Who(str(self.person) if self.person else self.badge or self.name, self.role)


# The registry itself: what it does on the word of a gate, or as time passes.
REGISTRY: Final = Actor("registry", "registry")
