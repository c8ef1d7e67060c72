import pytest
from pathlib import Path
from central.registry import Registry
from tests.central.fuzzing import faults_of, settled, walk

@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.timeout(0)
def test_pg(registry: Registry) -> None:
    estate = settled(registry)
    faults = faults_of(estate, lambda operation: True, 7, 5)
    Path("/tmp/pg.txt").write_text("\n".join(faults) + "\nfaults done\n")
    walk(estate, "^/api/v1/", 30, 12)
    Path("/tmp/pg2.txt").write_text("walk done")
