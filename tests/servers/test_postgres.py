import pytest
from sqlalchemy import create_engine, text

from tests.servers.postgres import Postgres


@pytest.mark.postgres
def test_each_database_is_empty_and_durable(postgres: Postgres, postgres_url: str) -> None:
    urls = (postgres_url, postgres.fresh_database())
    assert urls[0] != urls[1]
    for url in urls:
        engine = create_engine(url)
        with engine.begin() as connection:
            assert connection.execute(text("SHOW fsync")).scalar_one() == "on"
            connection.execute(text("CREATE TABLE gates (name text)"))
        engine.dispose()
