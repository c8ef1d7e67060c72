"""What holds for the whole project: its style where no tool looks, its installation, its documents."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
SCRIPTS = sorted(PROJECT["project"]["scripts"])
FOLDERS = [*PACKAGES, "tests", "bench", "docs", "scripts"]

MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
INSTALLATION = sorted([ROOT / "Makefile", ROOT / ".ci/run", ROOT / "requirements.lock", *(ROOT / "scripts").iterdir()])

MODULE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
# Put together here, so that this file does not hold what it looks for.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def too_long(path: Path) -> Iterator[str]:
    """Yield what of a module is too long."""
    text = path.read_text(encoding="utf-8")
    if (lines := len(text.splitlines())) >= MODULE_LINES_MAX:
        yield f"{named(path)} has {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines >= FUNCTION_LINES_MAX:
                yield f"{node.name} of {named(path)} has {lines} lines"


# A test of all files is one test: a thousand of a file each would take longer to be counted than to run.
def test_modules_and_functions_stay_short() -> None:
    assert [fault for path in MODULES for fault in too_long(path)] == []


def test_nothing_is_left_for_later() -> None:
    every = [*MODULES, *DOCUMENTS, *INSTALLATION]
    assert [named(path) for path in every if UNFINISHED.search(path.read_text(encoding="utf-8"))] == []


def test_names_say_what_a_module_is() -> None:
    assert [named(path) for path in MODULES if VAGUE_NAMES & {path.stem, path.parent.name}] == []


# Chinese has marks of its own: ，：；？！（）. Patterns are no text for people, and what begins in English is in both.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”》」）][,:;?!]|[,;?!)][\u4e00-\u9fff]|[\u4e00-\u9fff]\(")
NO_CHINESE_TEXT = re.compile(r"\\|\[A-Z|\(\?|^临|^WJ|^[a-z]+ ")
SPEAK = [ROOT / package for package in ("access", "central", "edge", "simulators")]


def chinese_texts(path: Path) -> Iterator[str]:
    """Yield what people may read of a catalogue or a module; its own documentation is for those who write it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".po":
        yield from re.findall(r'^msgstr "(.*)"$', text, re.MULTILINE)
        return
    tree = ast.parse(text)
    own = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in own:
            yield node.value


def test_chinese_texts_have_chinese_marks() -> None:
    files = [path for folder in SPEAK for kind in ("*.py", "*.po") for path in folder.rglob(kind)]
    texts = [(named(path), text) for path in files for text in chinese_texts(path) if not NO_CHINESE_TEXT.search(text)]
    assert len(texts) > 10_000
    assert [found for found in texts if HALF_WIDTH.search(found[1])] == []


@pytest.mark.parametrize("path", INSTALLATION, ids=named)
def test_the_installation_names_no_address(path: Path) -> None:
    assert not re.search(r"://\w", path.read_text(encoding="utf-8"))


def test_every_locked_version_is_exact_and_hashed() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    for requirement in lock.splitlines():
        assert re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement), requirement


def test_the_packages_share_one_root() -> None:
    for package in PACKAGES:
        assert Path(importlib.import_module(package).__path__[0]) == ROOT / package


@pytest.mark.programs
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_program_explains_itself(script: str) -> None:
    program = Path(sys.executable).with_name(script)
    shown = subprocess.run((program, "--help"), capture_output=True, text=True, timeout=60, check=False)
    assert shown.returncode == 0, shown.stderr
    assert script in shown.stdout


def test_the_change_log_tells_of_this_version() -> None:
    released = PROJECT["project"]["version"]
    assert version("gatehouse-access") == released
    assert f"\n## {released}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def links_of(document: Path) -> Iterator[str]:
    """Yield the link targets of a document that lie in the project, pictures included."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            yield target


def anchors_of(document: Path) -> set[str]:
    """Return the anchors that headings of a document are given."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(document: Path, link: str) -> bool:
    target, _, anchor = link.partition("#")
    file = document.parent / target if target else document
    return file.exists() and (not anchor or anchor in anchors_of(file))


def test_links_between_documents_lead_somewhere() -> None:
    every = [(document, link) for document in DOCUMENTS for link in links_of(document)]
    assert [f"{named(document)}: {link}" for document, link in every if not leads_somewhere(document, link)] == []


def faults_told() -> Iterator[tuple[int, str]]:
    """Yield the number of each fault of docs/faults.md, and what is said of its tests."""
    for line in (ROOT / "docs/faults.md").read_text(encoding="utf-8").splitlines():
        if row := re.fullmatch(r"\| (\d+) \|(?:[^|]*\|){2}([^|]*)\|", line):
            yield int(row[1]), row[2].strip()


def test_all_faults_are_told() -> None:
    assert [number for number, _ in faults_told()] == list(range(1, 38))


@pytest.mark.parametrize(("number", "tests"), tuple(faults_told()))
def test_every_fault_has_its_tests_or_a_reason_why_not(number: int, tests: str) -> None:
    named_there = set(re.findall(r"`(test_fault_\w+\.py)`", tests))
    there = {path.name for path in (ROOT / "tests/faults").glob(f"test_fault_{number:02}_*.py")}
    assert {name for name in named_there if name.startswith(f"test_fault_{number:02}_")} == there
    assert there or tests, "a fault that cannot be run has its reason in the place of the test"
    for name in there:
        assert f"def test_fault_{number:02}_" in (ROOT / "tests/faults" / name).read_text(encoding="utf-8")
