"""Cards: raw bytes and bit length are the identity; printed forms and keyed hashes are derived from them."""

import hmac

from access.immutable import immutable

CARD_BYTES_MAX = 16
HASH_BYTES = 16


@immutable
class CardNumber:
    """A card's number, most significant byte first, with its length in bits."""

    raw: bytes
    bits: int

    def __post_init__(self) -> None:
        if not 1 <= len(self.raw) <= CARD_BYTES_MAX or not 0 < self.bits <= 8 * len(self.raw):
            raise ValueError(f"a card number has 1..{CARD_BYTES_MAX} bytes and at most 8 bits a byte")

    def deliverable(self) -> tuple["CardNumber", ...]:
        """Return every form in which a reader can deliver this card: whole, and its low 4 and 3 bytes, both byte orders."""
        forms = [self]
        for size in (4, 3):
            if len(self.raw) >= size:
                low = self.raw[-size:]
                forms += [CardNumber(low, 8 * size), CardNumber(low[::-1], 8 * size)]
        return tuple(dict.fromkeys(forms))

    def printed(self) -> dict[str, str]:
        """Return the texts that are printed on such a card, by convention: 10 digits, 8 digits, 3+5, 5+5, and reversed."""
        texts: dict[str, str] = {"hex": self.raw.hex().upper()}
        if len(self.raw) >= 4:
            low = self.raw[-4:]
            texts["10"] = f"{int.from_bytes(low, 'big'):010d}"
            texts["10 reversed"] = f"{int.from_bytes(low, 'little'):010d}"
            texts["5+5"] = f"{int.from_bytes(low[:2], 'big'):05d},{int.from_bytes(low[2:], 'big'):05d}"
        if len(self.raw) >= 3:
            low = self.raw[-3:]
            texts["8"] = f"{int.from_bytes(low, 'big'):08d}"
            texts["3+5"] = f"{low[0]:03d},{int.from_bytes(low[1:], 'big'):05d}"
        return texts


def card_hash(key: bytes, number: CardNumber) -> bytes:
    """Return the keyed hash (16 bytes) under which a snapshot knows this form of a card."""
    return _hash(key, b"card" + bytes([number.bits]) + number.raw)


def code_hash(key: bytes, text: str) -> bytes:
    """Return the keyed hash (16 bytes) under which a snapshot knows a code's text."""
    return _hash(key, b"code" + text.encode())


def _hash(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:HASH_BYTES]
