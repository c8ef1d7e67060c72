"""Who acts in a piece of work: it decides which sites are seen, and stands in the audit of all that is changed."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from access.workflows.events import Who


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program: name, role, the one site that it is bound to (None: all), where from, and why it acts.

    `person`: the cardholder that acts by a link, as the host of visitors does; `id`: of the user or token; `badge`: what a
    guard acts under where that is not the name.
    """

    name: str
    role: str
    site: UUID | None = None
    origin: str = ""
    reason: str = ""
    person: UUID | None = None
    id: UUID | None = None
    badge: str = ""

    def sees(self, site: UUID | None) -> bool:
        """Tell whether what belongs to this site (None: to no site) is within its bounds."""
        return self.site is None or self.site == site

    @property
    def who(self) -> Who:
        """As the workflows know it: a host by the cardholder's id, a guard by badge, all others by name."""
        return Who(str(self.person) if self.person else self.badge or self.name, self.role)


# The registry itself: what it does on the word of a gate, or as time passes.
REGISTRY: Final = Actor("registry", "registry")
