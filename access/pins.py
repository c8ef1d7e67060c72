"""What of a PIN is hashed: few digits are soon tried out by who has the hash, but not without the pepper of the site."""

import hashlib
import hmac

PEPPER_BYTES = 32


def peppered(pin: str, pepper: bytes) -> str:
    """Return what is hashed instead of a PIN: its HMAC-SHA-256 under the pepper of the site, as hex."""
    return hmac.new(pepper, pin.encode(), hashlib.sha256).hexdigest()
