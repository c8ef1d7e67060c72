"""What can go wrong with the store."""


class StoreError(Exception):
    """The journal could not be opened, written or read; says what to do."""


class StoreLockedError(StoreError):
    """Another process has the journal; says who."""


class StoreDamagedError(StoreError):
    """The journal's file is damaged: what of it can be read goes into a new one."""
