"""A row of the journal as whoever looks for damage reads it: an entry's bytes, and what stands beside them to be found by."""

from typing import Final, NamedTuple

from access.sealing import Opened

COLUMNS: Final = "rowid, epoch, seq, id, kind, lane, passage, utc_us, canonical, personal, previous, hash"
_BESIDE: Final = ("id", "kind", "lane", "passage", "utc_us")


class Row(NamedTuple):
    """One row, with the columns named in COLUMNS."""

    rowid: int
    epoch: bytes
    seq: int
    id: bytes
    kind: str
    lane: str
    passage: str
    utc_us: int
    canonical: bytes
    personal: bytes
    previous: bytes
    hash: bytes

    def changed(self, opened: Opened) -> list[str]:
        """Name the columns beside the bytes that say something else than these; `opened` is what was read from them."""
        said = (self.id, self.kind, self.lane, self.passage, self.utc_us)
        true = (opened.id.bytes, opened.kind, opened.lane, opened.passage, opened.stamp.utc_us)
        return [name for name, beside, within in zip(_BESIDE, said, true, strict=True) if beside != within]
