"""Enrolment: the key is made on the device, a one-time token of the office vouches for it, the registry's key is kept."""

import asyncio
import json
from dataclasses import dataclass

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from access.contract import API_PREFIX
from access.contract.signature import SIGNATURE_HEADER, SignatureError, verify_reply
from access.contract.sync import EnrolReply, EnrolRequest, LaneWiring
from edge.config import CentralSection, ConfigError, GateConfig
from edge.identity import device_key, public_hex, put_key_aside, save_identity, write_private
from edge.places import Places
from edge.trust import tls_context

ENROL_TIMEOUT_S = 20.0
REPLY_BYTES_MAX = 256 * 1024
NO_CENTRAL = "the configuration has no [central] section that names the registry"


class EnrolmentError(Exception):
    """The gate could not be enrolled; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the office hands out for one gate: a token, and where it wishes so the authority (PEM) of its host's certificate."""

    token: str
    authority: str = ""

    @classmethod
    def read(cls, text: str) -> "Ticket":
        """Read a token file: the token in the first line, the authority below."""
        token, _, authority = text.strip().partition("\n")
        return cls(token.strip(), authority.strip())


@dataclass(frozen=True, slots=True)
class _Answer:
    """What answered, in whole."""

    url: str
    status: int
    signature: str
    body: bytes


def enrol_gate(config: GateConfig, ticket: Ticket, *, new_key: bool = False) -> tuple[EnrolReply, bytes]:
    """Enrol over a connection of its own; returns the registry's reply and this gate's raw public key.

    `new_key`: the registry refuses the old one for ever; it is put aside. Raises EnrolmentError, IdentityError.
    """
    if config.central is None:
        raise EnrolmentError(NO_CENTRAL)
    _pin(config.central, ticket)
    if new_key:
        put_key_aside(Places(config.gate.data))
    try:
        trusted = tls_context(config.central)
    except ConfigError as error:
        raise EnrolmentError(str(error)) from error
    reply = enrol(config, ticket.token, over=httpx.AsyncHTTPTransport(verify=trusted, trust_env=False))
    return reply, device_key(Places(config.gate.data)).public_key().public_bytes_raw()


def enrol(config: GateConfig, token: str, *, over: httpx.AsyncBaseTransport) -> EnrolReply:
    """Make or take this gate's key, show the token, check what comes back and keep it. Raises EnrolmentError, IdentityError."""
    places = Places(config.gate.data)
    if config.central is None:
        raise EnrolmentError(NO_CENTRAL)
    if places.identity.exists():
        raise EnrolmentError(f"this gate is enrolled already; to enrol it anew, remove {places.identity} first")
    places.make()
    request = _request(config, token, public_hex(device_key(places)))
    reply = _checked(config, _posted(over, config.central, request))
    places.pepper.unlink(missing_ok=True)  # of another site perhaps; the courier asks for this one's
    save_identity(places, reply)
    return reply


def _pin(central: CentralSection, ticket: Ticket) -> None:
    """Keep the authority that came with the token where the configuration looks for it; what is there already stays."""
    if not ticket.authority:
        return
    if central.ca_file is None:
        raise EnrolmentError('the token comes with an authority to pin: name a file for it, ca_file = "ca.pem" in [central]')
    if not central.ca_file.exists():
        write_private(central.ca_file, ticket.authority.encode() + b"\n")
    elif central.ca_file.read_text(encoding="ascii", errors="replace").strip() != ticket.authority:
        raise EnrolmentError(f"{central.ca_file} holds another authority than the one that came with the token; which is right?")


def _request(config: GateConfig, token: str, public_key: str) -> EnrolRequest:
    lanes = tuple(LaneWiring(slug=lane.id, kind=lane.kind, direction=lane.direction) for lane in config.lane)
    try:
        return EnrolRequest(token=token, site=config.gate.site, gate=config.gate.name, public_key=public_key, lanes=lanes)
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        raise EnrolmentError(f"this cannot be an enrolment: {fault['loc'][0]}: {fault['msg']}") from error


def _posted(over: httpx.AsyncBaseTransport, central: CentralSection, request: EnrolRequest) -> _Answer:
    try:
        answer = asyncio.run(_post(over, central.url.rstrip("/") + API_PREFIX + "/enrol", request.model_dump_json()))
    except httpx.ConnectError as error:
        raise EnrolmentError(f"the registry at {central.url} cannot be reached: {error}; the token was not used") from error
    except (httpx.HTTPError, TimeoutError) as error:
        why = str(error) or type(error).__name__
        raise EnrolmentError(
            f"no answer from {central.url}: {why}; if the token is refused next time, ask for a new one"
        ) from error
    if 200 <= answer.status < 300:
        return answer
    raise EnrolmentError(f"the registry refused ({answer.status}): {_detail(answer)}")


async def _post(over: httpx.AsyncBaseTransport, url: str, content: str) -> _Answer:
    """Ask, and read as much as an answer may have; however slowly it drips, it must be whole within ENROL_TIMEOUT_S."""
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    async with (
        asyncio.timeout(ENROL_TIMEOUT_S),
        httpx.AsyncClient(transport=over, timeout=ENROL_TIMEOUT_S, trust_env=False) as client,
        client.stream("POST", url, content=content, headers=headers) as response,
    ):
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > REPLY_BYTES_MAX:
                raise EnrolmentError(f"what answered at {url} is no registry: it says more than {REPLY_BYTES_MAX} bytes")
        return _Answer(url, response.status_code, response.headers.get(SIGNATURE_HEADER, ""), bytes(body))


def _detail(answer: _Answer) -> str:
    try:
        return str(json.loads(answer.body)["detail"])[:500]
    except (ValueError, KeyError, TypeError):
        return "it gave no reason; is this the registry's address?"


def _checked(config: GateConfig, answer: _Answer) -> EnrolReply:
    """Believe the reply only if it is whole, about our lanes, and signed with the very key that it gives us to keep."""
    try:
        reply = EnrolReply.model_validate_json(answer.body)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(reply.registry_key))
        verify_reply(key, "", answer.status, answer.body, answer.signature)
    except ValueError as error:
        raise EnrolmentError(f"what answered at {answer.url} is no registry of this version") from error
    except SignatureError as error:
        raise EnrolmentError(f"the answer of {answer.url} is not signed with the registry's key") from error
    if missing := {lane.id for lane in config.lane} - reply.lanes.keys():
        raise EnrolmentError(f"the registry gave no id to lane {', '.join(sorted(missing))}")
    return reply
