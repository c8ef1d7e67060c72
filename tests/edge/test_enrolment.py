"""Enrolment: every refusal in words that tell what to do, and nothing kept before all is checked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.contract.signature import SIGNATURE_HEADER, sign_reply
from access.contract.sync import EnrolReply, EnrolRequest
from edge import enrolment
from edge.config import GateConfig
from edge.config_file import load
from edge.enrolment import REPLY_BYTES_MAX, EnrolmentError, Ticket, enrol, enrol_gate
from edge.identity import IdentityError, device_key, load_identity, public_hex
from edge.places import Places
from tests.edge.courier.gate_end import GATE_TOML
from tests.ports import free_port

TOKEN = "one-time-token-of-the-office"
REGISTRY = Ed25519PrivateKey.generate()
IDS = [UUID(int=number) for number in range(1, 5)]

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gate.toml"
    path.write_text(GATE_TOML.format(url="http://registry.example/"), encoding="utf-8")
    return path


@pytest.fixture
def config(path: Path) -> GateConfig:
    return load(path)


def good(lanes: tuple[str, ...] = ("in-1",)) -> EnrolReply:
    return EnrolReply(
        edge=IDS[0], gate=IDS[1], site=IDS[2], lanes=dict.fromkeys(lanes, IDS[3]), registry_key=public_hex(REGISTRY)
    )


def signed(body: bytes, status: int = 200, key: Ed25519PrivateKey = REGISTRY) -> httpx.Response:
    return httpx.Response(status, content=body, headers={SIGNATURE_HEADER: sign_reply(key, "", status, body)})


def enrol_at(config: GateConfig, answer: Answer, token: str = TOKEN) -> EnrolReply:
    """Enrol at a registry that answers so at the wire."""
    return enrol(config, token, over=httpx.MockTransport(answer))


def test_the_gate_knows_who_it_is_afterwards(config: GateConfig) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return signed(good().model_dump_json().encode())

    enrol_at(config, answer)
    identity = load_identity(Places(config.gate.data))
    assert (identity.edge, identity.gate, identity.site, identity.lanes) == (*IDS[:3], {"in-1": IDS[3]})
    assert identity.registry_key == REGISTRY.public_key()
    assert str(asked[0].url) == "http://registry.example/api/edge/v1/enrol"
    request = EnrolRequest.model_validate_json(asked[0].content)
    assert (request.token, request.site, request.gate) == (TOKEN, "lakeside", "east")
    assert request.public_key == public_hex(identity.key)
    assert [(lane.slug, lane.kind, lane.direction) for lane in request.lanes] == [("in-1", "vehicle", "in")]


def test_the_key_is_made_once_and_stays(config: GateConfig) -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(EnrolRequest.model_validate_json(request.content).public_key)
        return httpx.Response(503)

    for _ in range(2):
        with pytest.raises(EnrolmentError):
            enrol_at(config, answer)
    assert keys[0] == keys[1]
    assert Places(config.gate.data).key.stat().st_mode & 0o777 == 0o600


def lost(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("timed out")


def away(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route to host")


def endless(_request: httpx.Request) -> httpx.Response:
    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield bytes(REPLY_BYTES_MAX // 4)

    return httpx.Response(200, content=parts())


def refusal(status: int, detail: str) -> Answer:
    return lambda _request: httpx.Response(status, content=json.dumps({"detail": detail}))


def saying(response: httpx.Response) -> Answer:
    return lambda _request: response


BODY = good().model_dump_json().encode()
REFUSALS: dict[str, tuple[Answer, str]] = {
    "token unknown": (refusal(401, "this token is not known"), r"refused \(401\): this token is not known"),
    "token used": (refusal(409, "this token has been used"), r"refused \(409\): this token has been used"),
    "no words": (saying(httpx.Response(502, text="<html>")), "gave no reason; is this the registry's address"),
    "words of no shape": (saying(httpx.Response(400, content=b"[1]")), "gave no reason"),
    "redirect": (saying(httpx.Response(302, headers={"Location": "http://portal.example"})), r"refused \(302\)"),
    "away": (away, "cannot be reached: no route to host; the token was not used"),
    "lost": (lost, "no answer from .*: timed out; if the token is refused next time, ask for a new one"),
    "without end": (endless, "no registry: it says more than"),
    "portal": (saying(httpx.Response(200, text="<html>sign in</html>")), "no registry of this version"),
    "unsigned": (saying(httpx.Response(200, content=BODY)), "not signed with the registry's key"),
    "other key": (saying(signed(BODY, key=Ed25519PrivateKey.generate())), "not signed with the registry's key"),
    "lane forgotten": (saying(signed(good(("out-1",)).model_dump_json().encode())), "no id to lane in-1"),
}


@pytest.mark.parametrize(("answer", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_is_told_and_nothing_is_kept(answer: Answer, words: str, config: GateConfig) -> None:
    with pytest.raises(EnrolmentError, match=words):
        enrol_at(config, answer)
    assert not Places(config.gate.data).identity.exists()


def test_an_answer_that_drips_is_given_up(config: GateConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0)

    monkeypatch.setattr(enrolment, "ENROL_TIMEOUT_S", 0.02)
    with pytest.raises(EnrolmentError, match=r"no answer from .*: TimeoutError; if the token is refused next time"):
        enrol_at(config, lambda _request: httpx.Response(200, content=parts()))


@pytest.mark.parametrize("token", ["", "short", "x" * 101])
def test_what_cannot_be_a_token_is_not_sent(token: str, config: GateConfig) -> None:
    with pytest.raises(EnrolmentError, match="token") as caught:
        enrol_at(config, away, token)
    assert not token or token not in str(caught.value), "a token is not repeated on the screen"


def test_an_enrolled_gate_is_not_enrolled_again_by_mistake(config: GateConfig) -> None:
    enrol_at(config, saying(signed(BODY)))
    with pytest.raises(EnrolmentError, match="enrolled already; to enrol it anew, remove"):
        enrol_at(config, away)


def test_without_a_registry_in_the_configuration(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('[central]\nurl = "http://registry.example/"', "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EnrolmentError, match=r"no \[central\] section"):
        enrol_gate(load(path), Ticket(TOKEN))


def test_a_pinned_authority_that_cannot_be_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("[central]", '[central]\nca_file = "missing.pem"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EnrolmentError, match=r"central\.ca_file: .*missing\.pem cannot be used"):
        enrol_gate(load(path), Ticket(TOKEN))


AUTHORITY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def test_an_authority_that_comes_with_the_token_is_pinned(path: Path) -> None:
    ticket = Ticket.read(f"{TOKEN}\n{AUTHORITY}\n")
    assert (ticket.token, ticket.authority, Ticket.read(f" {TOKEN}\n")) == (TOKEN, AUTHORITY, Ticket(TOKEN))
    with pytest.raises(EnrolmentError, match="name a file for it, ca_file"):
        enrol_gate(load(path), ticket)
    path.write_text(path.read_text(encoding="utf-8").replace("[central]", '[central]\nca_file = "ca.pem"'), encoding="utf-8")
    with pytest.raises(EnrolmentError, match=r"ca\.pem cannot be used"):
        enrol_gate(load(path), ticket)
    assert path.with_name("ca.pem").read_text(encoding="ascii") == AUTHORITY + "\n"
    with pytest.raises(EnrolmentError, match="holds another authority"):
        enrol_gate(load(path), Ticket(TOKEN, AUTHORITY.replace("MIIB", "MIIC")))


def test_another_key_is_made_only_before_enrolment(path: Path) -> None:
    config = load(path)
    places = Places(config.gate.data)
    places.make()
    first = public_hex(device_key(places))
    with pytest.raises(EnrolmentError, match="registry"):
        enrol_gate(config, Ticket(TOKEN), new_key=True)
    second = public_hex(device_key(places))
    assert second != first
    enrol_at(config, saying(signed(BODY)))
    with pytest.raises(IdentityError, match="to give it another, remove"):
        enrol_gate(config, Ticket(TOKEN), new_key=True)
    assert public_hex(device_key(places)) == second


def test_over_a_real_socket_nobody_answers(path: Path) -> None:
    path.write_text(GATE_TOML.format(url=f"http://127.0.0.1:{free_port()}"), encoding="utf-8")
    with pytest.raises(EnrolmentError, match="cannot be reached"):
        enrol_gate(load(path), Ticket(TOKEN))
