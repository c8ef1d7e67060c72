"""Why an act of a guard is not taken over."""


class NotTakenError(Exception):
    """The registry does not take an act over; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
