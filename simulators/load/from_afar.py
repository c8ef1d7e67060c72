"""Pretended gates are enrolled from afar: over the office's API, by an administrator with name and password."""

import ssl
from http import HTTPStatus
from typing import Any, Final

import httpx

from access.contract import API_PREFIX
from access.contract.signature import fingerprint
from access.contract.sync import EnrolReply
from central.config import OFFICE_PREFIX
from edge.identity import Identity
from simulators.load.enrolling import GateKey, new_gates

DEADLINE_S: Final = 30.0


class OfficeError(Exception):
    """The registry does not do what its administrator asks, or does not answer."""


class Office:
    """An administrator at work over the API."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def sign_in(self, name: str, password: str) -> None:
        """Work as this user from now on. Raises OfficeError."""
        token = self._ask(f"{OFFICE_PREFIX}/sign-in", {"name": name, "password": password}).json()["token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def make_site(self, slug: str) -> None:
        """Make the site where it is missing. Raises OfficeError."""
        self._ask(f"{OFFICE_PREFIX}/sites", {"slug": slug, "name": slug}, or_else=HTTPStatus.CONFLICT)

    def enrol(self, site: str, gate: GateKey) -> Identity:
        """Make a token, let the gate use it, and approve what has come. Raises OfficeError."""
        token = self._ask(f"{OFFICE_PREFIX}/edges/tokens", {"site": site, "gate": gate.slug, "name": gate.slug}).json()["token"]
        answer = self._ask(f"{API_PREFIX}/enrol", gate.request(site, token).model_dump(mode="json"))
        reply = EnrolReply.model_validate_json(answer.content)
        self._ask(f"{OFFICE_PREFIX}/edges/{reply.edge}/approve", {"fingerprint": fingerprint(gate.public)})
        return gate.identity(reply)

    def sign_out(self) -> None:
        """End the session. Raises OfficeError."""
        self._ask(f"{OFFICE_PREFIX}/sign-out", {})

    def _ask(self, path: str, wanted: dict[str, Any], or_else: int = HTTPStatus.OK) -> httpx.Response:
        """Return the answer, where it is a good one or `or_else`."""
        try:
            reply = self._client.post(path, json=wanted)
        except httpx.HTTPError as error:
            raise OfficeError(f"the registry does not answer: {error}") from error
        if reply.is_success or reply.status_code == or_else:
            return reply
        raise OfficeError(f"{path} is refused with {reply.status_code}: {reply.text[:200]}")


def enrol_over(url: str, ca_file: str, user: tuple[str, str], site: str, count: int) -> list[Identity]:
    """Enrol so many new gates at the site, made if missing, as this user (name and password). Raises OfficeError."""
    tls = ssl.create_default_context(cafile=ca_file or None)
    with httpx.Client(base_url=url, verify=tls, timeout=DEADLINE_S, trust_env=False) as client:
        office = Office(client)
        office.sign_in(*user)
        office.make_site(site)
        identities = [office.enrol(site, gate) for gate in new_gates(count)]
        office.sign_out()
        return identities
