"""Secrets that people choose (argon2id) and secrets that we draw (SHA-256 is enough for 128 bits of chance)."""

import base64
import hashlib
import hmac

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from access.chance import Chance

TOKEN_BYTES = 16
SALT_BYTES = 16
# The least that OWASP advises: about 40 ms a try on a slow core, and a booth must manage it too.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_secret(secret: str, rng: Chance) -> str:
    """Return the argon2id hash of a password or PIN."""
    return _hasher.hash(secret, salt=rng(SALT_BYTES))


def is_secret(hashed: str, secret: str) -> bool:
    """Tell whether `secret` is the one that was hashed."""
    try:
        return _hasher.verify(hashed, secret)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str) -> bool:
    """Tell whether a hash cost less than is asked for today."""
    try:
        return _hasher.check_needs_rehash(hashed)
    except InvalidHashError:
        return True


def new_token(rng: Chance, size: int = TOKEN_BYTES) -> str:
    """Draw a token, as text that fits into an address."""
    return base64.urlsafe_b64encode(rng(size)).rstrip(b"=").decode()


def token_hash(token: str) -> bytes:
    """Return what is stored of a token: who reads the database cannot use it."""
    return hashlib.sha256(token.encode()).digest()


def same(left: bytes, right: bytes) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(left, right)
