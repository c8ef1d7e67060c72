"""The assertions of a world say what differed, as those of a test do."""

import pytest

pytest.register_assert_rewrite("tests.access.rules.world")
