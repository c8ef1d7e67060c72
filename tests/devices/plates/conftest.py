import pytest

from devices.plates.chain import PlateReader, load_reader
from devices.plates.models import models_folder


@pytest.fixture(scope="session")
def reader() -> PlateReader:
    """The real reader: `make install` has put its models where it looks."""
    return load_reader(models_folder())
