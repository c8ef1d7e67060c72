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
