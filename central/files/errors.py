"""How a sheet is refused."""

from typing import Any

from central.errors import RegistryError


class SheetError(RegistryError):
    """A sheet cannot be read on: `row` as Excel numbers it and the `column`'s letter say where, if it is one place.

    `told` is what it was made of, for another process to raise it again.
    """

    def __init__(self, message: str, row: int | None = None, column: str = "", **values: Any) -> None:
        place: dict[str, object] = {"row": row, "column": column}
        super().__init__(message, 422, "file", {name: at for name, at in place.items() if at}, **values)
        self.row = row
        self.column = column
        self.told = {"message": message, **place, **values}

    def __str__(self) -> str:
        """Return the refusal behind the place that it is about, as it is told at the machine."""
        place = ", ".join(f"{name} {self.told[name]}" for name in ("row", "column") if self.told[name])
        return f"{place}: {self.message}" if place else self.message
