"""Signatures over requests and replies: nothing of them can be exchanged."""

import base64
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from access.contract.signature import (
    EDGE_HEADER,
    SEQUENCE_HEADER,
    SIGNATURE_HEADER,
    STREAM_HEADER,
    SignatureError,
    SignedRequest,
    fingerprint,
    sign_reply,
    verify_reply,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
REQUEST = SignedRequest("POST", "/api/edge/v1/entries?a=1", UUID(int=1), "journal", 7, b"body")
SIGNATURE = REQUEST.headers(KEY)[SIGNATURE_HEADER]
REPLY = sign_reply(KEY, SIGNATURE, 200, b"{}")


def test_a_request_carries_who_and_in_which_order() -> None:
    headers = REQUEST.headers(KEY)
    assert (headers[EDGE_HEADER], headers[STREAM_HEADER], headers[SEQUENCE_HEADER]) == (str(UUID(int=1)), "journal", "7")
    REQUEST.verify(KEY.public_key(), SIGNATURE)


@pytest.mark.parametrize(
    "changed",
    [
        replace(REQUEST, method="PUT"),
        replace(REQUEST, target="/api/edge/v1/entries?a=2"),
        replace(REQUEST, edge=UUID(int=2)),
        replace(REQUEST, stream="pictures"),
        replace(REQUEST, sequence=8),
        replace(REQUEST, body=b"body "),
        replace(REQUEST, body=b""),
    ],
)
def test_another_request_does_not_fit(changed: SignedRequest) -> None:
    with pytest.raises(SignatureError):
        changed.verify(KEY.public_key(), SIGNATURE)


@given(st.integers(0, 511))
def test_a_flipped_bit_does_not_fit(bit: int) -> None:
    raw = bytearray(base64.b64decode(SIGNATURE))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SignatureError):
        REQUEST.verify(KEY.public_key(), base64.b64encode(raw).decode())


@pytest.mark.parametrize(
    "nonsense", ["", "=", "not base64", "QUJD", SIGNATURE[:-4], SIGNATURE + "AAAA", "签名", SIGNATURE + "\n"]
)
def test_what_is_no_signature(nonsense: str) -> None:
    with pytest.raises(SignatureError):
        REQUEST.verify(KEY.public_key(), nonsense)


def test_another_key_does_not_fit() -> None:
    with pytest.raises(SignatureError):
        REQUEST.verify(OTHER_KEY.public_key(), SIGNATURE)


def test_a_reply_fits_its_request_status_and_body_alone() -> None:
    public = KEY.public_key()
    verify_reply(public, SIGNATURE, 200, b"{}", REPLY)
    wrong = [(OTHER_KEY.public_key(), SIGNATURE, 200, b"{}"), (public, SIGNATURE, 409, b"{}"), (public, SIGNATURE, 200, b"{ }")]
    for key, signature, status, body in [*wrong, (public, REQUEST.headers(OTHER_KEY)[SIGNATURE_HEADER], 200, b"{}")]:
        with pytest.raises(SignatureError):
            verify_reply(key, signature, status, body, REPLY)
    with pytest.raises(SignatureError):
        verify_reply(public, SIGNATURE, 200, b"<html>sign in to the network</html>", "")


def test_a_request_is_no_reply() -> None:
    with pytest.raises(SignatureError):
        verify_reply(KEY.public_key(), SIGNATURE, 200, b"body", SIGNATURE)


def test_a_fingerprint_is_short_enough_to_read_out() -> None:
    assert fingerprint(bytes(32)) == "6668 7AAD F862 BD77 6C8F"
