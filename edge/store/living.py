"""The rules as the registry told them last, for the booth's pages: read where the courier keeps them."""

from edge.store.following import Following

_PERSONS_OF = """
    SELECT data FROM rules WHERE unit = :unit AND unit IS NOT NULL AND to_revision IS NULL AND kind = 'person'
        AND NOT EXISTS (SELECT 1 FROM urgent WHERE urgent.kind = 'person' AND urgent.id = rules.id AND gone_utc IS NULL)
    UNION ALL SELECT data FROM urgent
    WHERE kind = 'person' AND gone_utc IS NULL AND data IS NOT NULL AND json_extract(data, '$.unit') = :unit
    LIMIT :limit
"""
Version = tuple[int, ...]


class LivingReader(Following):
    """Reads on a connection of its own; one thread at a time. Every method may raise StoreError."""

    def version(self) -> Version:
        """Return what is another whenever other records hold: other rules, a deny list over them, or another file."""
        rows = self._query("SELECT name, value FROM progress WHERE name IN ('revision', 'deny_serial')")
        found = dict(rows)
        return (*self._file, int(found.get("revision", 0)), int(found.get("deny_serial", 0)))

    def revision(self) -> int:
        """Return the revision of the installed rules, 0 where there are none yet."""
        return next((int(value) for (value,) in self._query("SELECT value FROM progress WHERE name = 'revision'")), 0)

    def records(self, kind: str) -> list[str]:
        """Return the living records of a kind as JSON."""
        return [data for (data,) in self._query("SELECT data FROM living WHERE kind = ? ORDER BY id", (kind,))]

    def persons_of(self, unit: str, limit: int) -> list[str]:
        """Return the persons of a unit as JSON."""
        return [data for (data,) in self._query(_PERSONS_OF, {"unit": unit, "limit": limit})]
