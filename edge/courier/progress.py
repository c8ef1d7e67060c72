"""How far the courier has come: noted by its streams, told to the gate, and kept on disk now and then.

Going forwards, keeping late is safe: what is forgotten is sent once more, and the registry has it already. Each write costs
flash its life. That the registry has lost something is kept at once: when it has the entries again nothing tells of it any more,
and what was kept before says of pictures that are lost that they were sent, and of entries of that epoch that the gate may forget
them.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from edge.messages import SyncState, TimeTold
from edge.store.evidence import Place
from edge.store.received import Kept, Received, is_sent

KEEP_EVERY_S = 120.0
RULES_SEEN_KEEP_EVERY_S = 600


class Progress:
    """Shared by the courier's threads. `changed` is set when there is something new to tell; UTC times in seconds."""

    def __init__(self, received: Received) -> None:
        self.changed = threading.Event()
        self._received = received
        self._lock = threading.Lock()
        self._keeping = threading.Lock()  # taken before the other: what is gathered is written before anything later is
        self._kept = received.kept()
        self._kept_at = float("-inf")
        self._acked = dict(self._kept.acked)
        self._pictures = dict(self._kept.pictures)
        self._sent = set(self._kept.sent)
        self._losses = 0
        self._rules_mono: float | None = None
        self._time: TimeTold | None = None
        self._revision = received.revision()
        self._online = False
        self._last_contact_utc = 0.0
        self._is_receiving = False
        self._deny_utc = received.deny_serial() / 1_000_000
        self._facts_mono: float | None = None
        self._certificate_ends_utc = 0.0
        self._faults: dict[str, str] = {}

    @property
    def acked(self) -> dict[UUID, int]:
        """How far the registry has each epoch."""
        with self._lock:
            return dict(self._acked)

    @property
    def pictures(self) -> dict[UUID, int]:
        """The seq of each epoch through which its pictures are dealt with."""
        with self._lock:
            return dict(self._pictures)

    @property
    def losses(self) -> int:
        """How often the registry's word has gone back."""
        with self._lock:
            return self._losses

    def is_picture_sent(self, place: Place) -> bool:
        """Tell whether a picture is dealt with."""
        with self._lock:
            return is_sent(place, self._pictures, self._sent)

    @property
    def is_online(self) -> bool:
        """Whether the registry answered when it was last asked."""
        with self._lock:
            return self._online

    @property
    def revision(self) -> int:
        """The revision of the installed rules."""
        with self._lock:
            return self._revision

    def entries_acked(self, acked: Mapping[UUID, int], losses: int) -> None:
        """Note how far the registry has each epoch; where its word has gone back, its pictures may be lost too: all go again.

        That is on the disk when this returns. Raises StoreError: then it is not noted either, and no entry must be sent.
        """
        if losses > self.losses:
            self._lost(acked, losses)
        else:
            with self._lock:
                self._acked = dict(acked)
        self.changed.set()

    def _lost(self, acked: Mapping[UUID, int], losses: int) -> None:
        with self._keeping:
            kept = Kept(dict(acked), rules_utc=self.rules_utc)
            self._received.keep(kept)
            with self._lock:
                self._kept, self._acked, self._losses = kept, dict(acked), losses
                self._pictures.clear()
                self._sent.clear()

    def picture_sent(self, place: Place, losses: int) -> None:
        """Note that a picture is dealt with, perhaps before older ones; not where the registry's word has gone back since."""
        with self._lock:
            if losses == self._losses:
                self._sent.add(place)

    def pictures_through(self, epoch: UUID, seq: int, losses: int) -> None:
        """Note that all pictures of an epoch are dealt with through `seq`; not where the registry's word has gone back since."""
        with self._lock:
            if losses == self._losses and seq > self._pictures.get(epoch, 0):
                self._pictures[epoch] = seq
                self._sent = {place for place in self._sent if place[0] != epoch or place[1] > seq}

    def rules_installed(self, revision: int) -> None:
        """Note that these are the installed rules."""
        self._note(revision=revision)

    def rules_current(self, now: float) -> None:
        """Note that at this time (monotonic seconds) the installed rules were the registry's."""
        with self._lock:
            self._rules_mono = now
        self.changed.set()

    @property
    def rules_utc(self) -> int:
        """When (UTC seconds) the installed rules were last known to be the registry's, 0: never."""
        with self._lock:
            return self._kept_rules_utc()

    def _kept_rules_utc(self) -> int:
        """Return it by the gate's clock; as long as the gate has not said what time it is, what was kept of it."""
        if self._time is None or self._rules_mono is None:
            return self._kept.rules_utc
        return int(self._time.utc - (self._time.mono - self._rules_mono))

    def time_told(self, time: TimeTold) -> None:
        """Take what time it is by the gate's judgement: this machine's own clock may be set to anything."""
        with self._lock:
            self._time = time

    def time_at(self, now: float) -> TimeTold | None:
        """Return what time it is at `now` (monotonic seconds) by the gate's judgement, None where it has not said."""
        with self._lock:
            return replace(self._time, mono=now, utc=self._time.utc + now - self._time.mono) if self._time else None

    def known_us(self) -> int:
        """Return through when (UTC us) the registry's word of other gates is known here, 0 where nobody can tell.

        In a run that has not heard it yet: as of the rules, which come the same way.
        """
        with self._lock:
            if self._time is None or self._facts_mono is None:
                return max(0, self._kept.rules_utc * 1_000_000)
            return max(0, round((self._time.utc - (self._time.mono - self._facts_mono)) * 1e6))

    @property
    def is_receiving(self) -> bool:
        """Whether a new set of rules is on its way down."""
        with self._lock:
            return self._is_receiving

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Note that a new set of rules is on its way down, for as long as that takes."""
        self._note(is_receiving=True)
        try:
            yield
        finally:
            self._note(is_receiving=False)

    def denied(self, issued_utc: float) -> None:
        """Note when the newest deny list was issued."""
        self._note(deny_utc=issued_utc)

    def facts_current(self, now: float) -> None:
        """Note that at this time (monotonic seconds) all facts of other gates were known here."""
        self._note(facts_mono=now)

    def certificate(self, ends_utc: float) -> None:
        """Note until when the certificate holds that the registry has just shown; the last word counts, whoever heard it."""
        self._note(certificate_ends_utc=ends_utc)

    def _note(self, **values: float) -> None:
        with self._lock:
            news = any(getattr(self, f"_{name}") != value for name, value in values.items())
            for name, value in values.items():
                setattr(self, f"_{name}", value)
        if news:
            self.changed.set()

    def contact(self, at_utc: float) -> None:
        """Note that the registry answered."""
        with self._lock:
            news = not self._online
            self._online, self._last_contact_utc = True, at_utc
        if news:
            self.changed.set()

    def away(self) -> None:
        """Note that the registry did not answer."""
        with self._lock:
            self._online = False
        self.changed.set()

    def fault(self, stream: str, words: str) -> None:
        """Note what holds a stream up ("": nothing)."""
        with self._lock:
            news = self._faults.get(stream, "") != words
            self._faults[stream] = words
        if news:
            self.changed.set()

    def state(self, lengths: Mapping[UUID, int]) -> SyncState:
        """Return what the gate is told; `lengths`: the highest seq of each epoch of the journal, oldest epoch first."""
        with self._lock:
            waiting = sum(max(0, seq - self._acked.get(epoch, 0)) for epoch, seq in lengths.items())
            newest = list(lengths)[-1] if lengths else None
            return SyncState(
                online=self._online,
                acked_through=0 if newest is None else self._acked.get(newest, 0),
                waiting=waiting,
                last_contact_utc=self._last_contact_utc,
                rules_revision=self._revision,
                rules_utc=float(self._kept_rules_utc()),
                error=self._error(),
                acked={epoch.hex: seq for epoch, seq in self._acked.items()},
                deny_utc=self._deny_utc,
                certificate_ends_utc=self._certificate_ends_utc,
                rules_mono=self._rules_mono,
                facts_mono=self._facts_mono,
            )

    def _error(self) -> str:
        return "; ".join(words for words in self._faults.values() if words)

    def keep(self, now: float, *, at_once: bool = False) -> None:
        """Write down how far sync has come, where that is worth a write. Raises StoreError. `now`: monotonic seconds."""
        if not at_once and now < self._kept_at + KEEP_EVERY_S:
            return
        with self._keeping:
            with self._lock:
                kept = Kept(dict(self._acked), dict(self._pictures), self._kept_rules_utc(), frozenset(self._sent))
            moved = (kept.acked, kept.pictures, kept.sent) != (self._kept.acked, self._kept.pictures, self._kept.sent)
            seen = abs(kept.rules_utc - self._kept.rules_utc) >= RULES_SEEN_KEEP_EVERY_S
            if kept != self._kept and (at_once or moved or seen):
                self._received.keep(kept)
                self._kept, self._kept_at = kept, now
