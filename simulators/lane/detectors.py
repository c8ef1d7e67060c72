"""Loop detectors and light beams as their contacts show them: with chatter at the edges, stuck, or failed."""

import random
from typing import Final

CHATTERS: Final = 0.15  # how often an edge is not clean
CHATTER_SAMPLES: Final = 3


class Detector:
    """One detector: what it says of what it sees, sampled once a step."""

    def __init__(self, chance: random.Random) -> None:
        self.stuck: bool | None = None
        self.failed = False  # both contacts say the same
        self.chatters = False
        self.says = False
        self._chance = chance
        self._sees = False
        self._unclean = 0

    @property
    def is_settled(self) -> bool:
        """Whether it goes on saying the same as long as it sees the same."""
        return self._unclean == 0 and not self.chatters

    @property
    def check(self) -> bool:
        """What its other contact says: the opposite, unless it has failed."""
        return self.says if self.failed else not self.says

    def sample(self, *, sees: bool) -> bool:
        """Take what is there, and say what the contact says."""
        if sees is not self._sees:
            self._sees = sees
            if self._chance.random() < CHATTERS:
                self._unclean = self._chance.randint(1, CHATTER_SAMPLES)
        self.says = self._contact()
        return self.says

    def _contact(self) -> bool:
        if self.stuck is not None:
            return self.stuck
        if self.chatters:
            return self._chance.random() < 0.5
        if self._unclean:
            self._unclean -= 1
            return self._chance.random() < 0.5
        return self._sees
