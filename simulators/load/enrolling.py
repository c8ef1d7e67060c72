"""Pretended gates become known to a registry as real ones do: token, key, approval; here by an administrator at its machine."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from secrets import token_hex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access.contract.signature import fingerprint
from access.contract.sync import EnrolReply, EnrolRequest
from central.config import Settings
from central.edges import services as edges
from central.edges import trust
from central.registry import Registry, Work
from central.sites import repository as sites
from central.sites.schemas import SiteWanted
from central.sites.services import put_site
from edge.identity import Identity
from simulators.load.story import WIRING

BY = "gatehouse-sim load"


@dataclass(frozen=True, slots=True)
class GateKey:
    """A gate to be enrolled: its slug, and the key made for it."""

    slug: str
    key: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The public key, as the registry is given it."""
        return self.key.public_key().public_bytes_raw()

    def request(self, site: str, token: str) -> EnrolRequest:
        """Return what the gate asks to be taken in with."""
        return EnrolRequest(token=token, site=site, gate=self.slug, public_key=self.public.hex(), lanes=WIRING)

    def identity(self, reply: EnrolReply) -> Identity:
        """Return who the gate is from now on."""
        registry_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(reply.registry_key))
        return Identity(reply.edge, reply.gate, reply.site, dict(reply.lanes), self.key, registry_key)


def new_gates(count: int) -> list[GateKey]:
    """Return so many gates that no registry knows yet."""
    run = token_hex(3)
    return [GateKey(f"load-{run}-{number}", Ed25519PrivateKey.generate()) for number in range(count)]


def enrol_gates(settings: Settings, site: str, count: int) -> list[Identity]:
    """Visit the registry with these settings and enrol so many new gates at the site, made if missing. Raises RegistryError."""
    with closing(Registry.open(settings, visiting=True)) as registry:
        with registry.write() as work:
            make_site(work, site)
        return enrol_in(registry, site, new_gates(count))


def make_site(work: Work, slug: str) -> None:
    """Make the site where it is missing."""
    if sites.site_by_slug(work.session, slug) is None:
        put_site(work, SiteWanted(slug=slug, name=slug))


def enrol_in(registry: Registry, site: str, gates: Sequence[GateKey]) -> list[Identity]:
    """Enrol these gates in one transaction, as an administrator does at the registry's machine. Raises RegistryError."""
    registry_key = registry.key.public_key().public_bytes_raw()
    with registry.write() as work:
        return [_enrolled(work, site, gate, registry_key) for gate in gates]


def _enrolled(work: Work, site: str, gate: GateKey, registry_key: bytes) -> Identity:
    token = edges.new_enrolment_token(work, site, gate.slug, gate.slug)
    reply = edges.enrol(work, gate.request(site, token), registry_key)
    trust.approve(work, reply.edge, fingerprint(gate.public), BY)
    return gate.identity(reply)
