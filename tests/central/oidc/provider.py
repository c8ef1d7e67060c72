"""A small OpenID provider: real HTTP, real signed tokens, and whatever lies a test wants it to tell."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from typing_extensions import override

CLIENT, SECRET = "gatehouse", "a secret that both know"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class House:
    """Who is at the provider's screen, and how what it says differs from the truth."""

    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "248289761001", "preferred_username": "li.na"})
    lies: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    signs_with: ECKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""

    def signed(self, **claims: Any) -> str:
        """Sign a token for our client that lasts five minutes."""
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, **claims, **self.lies}
        return jwt.encode({"alg": "ES256", "kid": "one"}, told, self.signs_with or self.key)

    def answer(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return the tokens for a code, once, to the client that asked for it, as it asked."""
        asked = self.codes.pop(form.get("code", ""), None)
        known = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if asked is None or authorization != known or challenge.decode() != asked["code_challenge"]:
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(nonce=asked["nonce"], **self.claims)}


class _Desk(BaseHTTPRequestHandler):
    @property
    def house(self) -> House:
        return cast("_Server", self.server).house

    def do_GET(self) -> None:
        parts, house = urlsplit(self.path), self.house
        if parts.path == "/.well-known/openid-configuration":
            told = {name: f"{house.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            self._reply(200, {"issuer": house.issuer, "end_session_endpoint": f"{house.issuer}/out", **told})
        elif parts.path == "/jwks_uri":
            self._reply(200, {"keys": [house.key.as_dict(private=False)]})
        elif parts.path == "/authorization_endpoint":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            code = hashlib.sha256(asked["state"].encode()).hexdigest()
            house.codes[code] = asked
            self.send_response(303)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], 'code': code})}")
            self.end_headers()
        else:
            self._reply(404, {})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(sent).items()}
        told = self.house.answer(form, self.headers.get("Authorization", ""))
        self._reply(200 if told else 400, told or {"error": "invalid_grant"})

    def _reply(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def __init__(self, house: House) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.house = house
        house.issuer = f"http://127.0.0.1:{self.server_port}"


@contextmanager
def provider() -> Iterator[House]:
    """Run a provider."""
    server = _Server(House())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.house
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
