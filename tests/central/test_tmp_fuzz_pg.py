from pathlib import Path

import pytest

from central.registry import Registry
from tests.central.fuzzing import faults_of, settled, walk


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.timeout(0)
def test_pg(registry: Registry) -> None:
    estate = settled(registry)
    faults = faults_of(estate, lambda operation: True, 25, 20)
    Path("/tmp/pg-faults.txt").write_text("\n".join(faults) + "\nfaults done\n")
    done, faults = walk(estate, "^/api/v1/", 8, 20, 12)
    Path("/tmp/pg2.txt").write_text("\\n".join(faults) + f"walk done {done}")
