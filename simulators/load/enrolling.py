"""Pretended gates become known to a registry as real ones do: token, key, approval; by an administrator at its machine."""

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


def enrol_gates(settings: Settings, site: str, count: int) -> list[Identity]:
    """Visit the registry with these settings and enrol so many new gates at the site, made if missing. Raises RegistryError."""
    run = token_hex(3)
    with closing(Registry.open(settings, visiting=True)) as registry:
        with registry.write() as work:
            make_site(work, site)
        keys = [GateKey(f"load-{run}-{number}", Ed25519PrivateKey.generate()) for number in range(count)]
        return enrol_in(registry, site, keys)


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
    request = EnrolRequest(
        token=token, site=site, gate=gate.slug, public_key=gate.key.public_key().public_bytes_raw().hex(), lanes=WIRING
    )
    reply = edges.enrol(work, request, registry_key)
    trust.approve(work, reply.edge, fingerprint(gate.key.public_key().public_bytes_raw()), BY)
    return identity_of(gate, reply)


def identity_of(gate: GateKey, reply: EnrolReply) -> Identity:
    """Return who the gate is from now on."""
    registry_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(reply.registry_key))
    return Identity(reply.edge, reply.gate, reply.site, dict(reply.lanes), gate.key, registry_key)
