"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]


# A busy machine is no defect.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files, beside the checkout; the test is skipped where it is not."""
    folder = Path(os.environ.get("DIAGPACTE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real files absent: set DIAGPACTE_SHARED_DATA to their folder")
    return folder
