"""An import that is killed in the middle and given again: nothing is lost, nothing is there twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from central.access_rules.schemas import LevelWanted
from central.access_rules.services import levels
from central.audit.tables import AuditEntry
from central.cli import app
from central.files.sheets import read_sheet
from central.files.tables import Import, ImportFile
from central.registry import Registry
from central.sites.schemas import SiteWanted
from central.sites.services import put_site
from central.tables import Card, Person, RuleChange, RuleMark, Site, Vehicle
from tests.sizes import sized
from tests.waiting import wait_until

ROWS = sized(quick=1_500, soak=50_000)
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)
PER_PERSON = {"persons": Person, "vehicles": Vehicle, "cards": Card}
# As programs are killed at any moment, so often in a soak.
KILLS = sized(quick=1, soak=5)


def residents(count: int) -> str:
    rows = (f"住户{n},{n // 4},住户,粤{'ABCDE'[n // 100_000]}{n % 100_000:05},{n:010}\n" for n in range(count))
    return "姓名,房号,权限组,车牌,卡号\n" + "".join(rows)


def rows_done(registry: Registry) -> int:
    with registry.read() as work:
        return work.session.scalars(select(Import.rows_done)).one_or_none() or 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_url", sized(quick=["sqlite"], soak=["sqlite", POSTGRESQL]), indirect=True)
def test_killed_in_the_middle(registry: Registry, database_url: str, tmp_path: Path) -> None:
    with registry.write() as work:
        site = put_site(work, SiteWanted(slug="lakeside", name="湖畔花园")).id
        levels.put(work, LevelWanted.model_validate({"site": site, "name": "住户", "grants": [{}]}))
    sheet = tmp_path / "residents.csv"
    sheet.write_text(residents(ROWS), encoding="utf-8")
    asked = ["import", str(sheet), "--kind", "residents", "--site", "lakeside", "--json"]
    asked += ["--database", database_url, "--data", str(tmp_path / "data")]
    for _kill in range(KILLS):
        before = rows_done(registry)
        with subprocess.Popen([sys.executable, "-c", "from central.cli import main; main()", *asked]) as child:
            wait_until(lambda before=before: rows_done(registry) > before, timeout_s=60, what="some rows")  # type: ignore[misc] # the kind of a default
            child.kill()
    assert before < rows_done(registry) < ROWS
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    done = json.loads(result.stdout)
    assert (done["state"], done["rows_done"], done["created"], done["errors"]) == ("done", ROWS, ROWS, 0)
    check_once(registry, site)
    out = tmp_path / "out.csv"
    where = ["--database", database_url, "--data", str(tmp_path / "data"), "--out", str(out)]
    assert CliRunner().invoke(app, ["export", "--kind", "residents", *where]).exit_code == 0
    with read_sheet(out.read_bytes(), out.name) as written:
        assert {row.cells["车牌"] for row in written.rows} == {line.split(",")[3] for line in sheet.read_text().splitlines()[1:]}
    refused = CliRunner().invoke(app, ["export", "--kind", "sites", *where])
    assert (refused.exit_code, "no such kind" in refused.output) == (1, True)


def check_once(registry: Registry, site: object) -> None:
    """Check that each record is there once, with one entry of the audit and one record for the gates."""
    with registry.read() as work:
        for kind, table in PER_PERSON.items():
            assert work.session.scalar(select(func.count()).select_from(table)) == ROWS
            assert work.session.scalar(select(func.count()).where(AuditEntry.kind == kind)) == ROWS
            assert work.session.scalar(select(func.count()).where(RuleChange.kind == kind.removesuffix("s"))) == ROWS
        assert work.session.scalar(select(func.count()).select_from(ImportFile)) == 0
        marks = work.session.scalar(select(func.count()).select_from(RuleMark))
        assert marks == work.session.scalars(select(Site.revision)).one()
