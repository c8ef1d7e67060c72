"""What can go wrong on a wire, named by whose fault it is."""


class DeviceError(Exception):
    """Base of everything this package raises."""


class FrameError(DeviceError):
    """The peer spoke nonsense: count it, resynchronise, go on."""

    def __init__(self, what: str, raw: bytes = b"") -> None:
        super().__init__(what)
        self.what = what
        self.raw = raw[:64]


class LinkLost(DeviceError):  # noqa: N818 - the design's name: a state of the world, not a mistake
    """The wire is gone: close, wait with backoff, open again."""


class UsageError(DeviceError):
    """We were asked for something that makes no sense: a bug or a bad setting of ours."""
