"""Pages read as a browser reads them: the forms on them, and what each sends unless somebody types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

TYPED = {"text", "search", "number", "password", ""}


@dataclass
class Form:
    """A form: where it goes, what it sends by itself, which fields are typed into, its choices and buttons as (name, value)."""

    action: str
    sends: list[tuple[str, str]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def data(self, **changes: Any) -> dict[str, Any]:
        """Return what is sent after these changes."""
        data: dict[str, Any] = {}
        for name, value in self.sends:
            data[name] = (
                [*data[name], value] if isinstance(data.get(name), list) else [data[name], value] if name in data else value
            )
        return data | changes


class Reader(HTMLParser):
    """A page: its forms, and every element with what it has."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.elsewhere: list[tuple[str, dict[str, str]]] = []
        self.ids: dict[str, Form] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._form: Form | None = None
        self._select: list[tuple[str, bool]] | None = None
        self._name = ""
        self._text: list[str] | None = None

    @property
    def elements(self) -> int:
        """How many elements the page has."""
        return len(self.tags)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        self.tags.append((tag, has))
        if tag == "form":
            self._form = Form(has.get("action", ""))
            self.forms.append(self._form)
            self.ids[has.get("id", "")] = self._form
        elif tag in ("input", "button") and "form" in has:
            self.elsewhere.append((tag, has))
        elif self._form is not None:
            self._control(self._form, tag, has)

    def _control(self, form: Form, tag: str, has: Mapping[str, str]) -> None:
        name = has.get("name", "")
        if tag == "input" and name:
            _put(form, name, has)
        elif tag == "button" and has.get("type") != "button":
            form.buttons.append((name, has.get("value", "")))
        elif tag == "select":
            self._name, self._select = name, []
        elif tag == "option" and self._select is not None:
            self._select.append((has.get("value", ""), "selected" in has))
            form.choices.append((self._name, has.get("value", "")))
        elif tag == "textarea":
            self._name, self._text = name, []
            form.typed.append(name)

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None and self._form is not None:
            chosen = [value for value, selected in self._select if selected] or [value for value, _ in self._select[:1]]
            self._form.sends += [(self._name, value) for value in chosen]
            self._select = None
        elif tag == "textarea" and self._text is not None and self._form is not None:
            self._form.sends.append((self._name, "".join(self._text).removeprefix("\n")))
            self._text = None


def _put(form: Form, name: str, has: Mapping[str, str]) -> None:
    kind = has.get("type", "")
    if kind in ("radio", "checkbox"):
        form.choices.append((name, has.get("value", "")))
        if "checked" not in has:
            return
    elif kind in TYPED:
        form.typed.append(name)
    form.sends.append((name, has.get("value", "")))


def read(html: str) -> Reader:
    """Read a page."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    for tag, has in reader.elsewhere:
        form = reader.ids[has["form"]]
        if tag == "button":
            form.buttons.append((has.get("name", ""), has.get("value", "")))
        else:
            _put(form, has["name"], has)
    return reader


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page."""
    return read(html).forms


def form_of(html: str, action: str) -> Form:
    """Return the form that goes to an address, whatever its query says; only that piece of the page is read."""
    pieces = re.findall(rf'<form[^>]* action="{re.escape(action)}(?:\?[^"]*)?".*?</form>', html, re.DOTALL)
    assert pieces, f"no form goes to {action}: {[form.action for form in forms_of(html)]}"
    return forms_of(pieces[0])[0]
