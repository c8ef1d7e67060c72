"""What can go wrong with the store."""

import errno
import sqlite3


class StoreError(Exception):
    """The journal could not be opened, written or read; says what to do."""


class StoreLockedError(StoreError):
    """Another process has the journal; says who."""


class StoreDamagedError(StoreError):
    """The journal's file is damaged: what of it can be read goes into a new one."""


def is_full(error: StoreError) -> bool:
    """Tell whether the disk had no room left."""
    cause = error.__cause__
    if isinstance(cause, OSError):
        return is_without_room(cause)
    return isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL


def is_without_room(error: OSError) -> bool:
    """Tell whether the disk had no room left, or could hold no more files: whoever looks after the space tells of that."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
