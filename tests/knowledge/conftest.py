import io

import pytest

from knowledge.extraction.blocks import Limits
from knowledge.extraction.reading import extract
from tests.factories.knowledge import SourceFactory


@pytest.fixture
def source(tenant):
    return SourceFactory(tenant=tenant, name="Handbook")


@pytest.fixture
def read(tmp_path):
    """Read bytes as a worker would, through the real child process."""

    def read_bytes(data, limits=None, on_page=lambda done, total: None):
        path = tmp_path / "file"
        path.write_bytes(data)
        with path.open("rb") as file:
            return extract(file, limits=limits or Limits(), on_page=on_page)

    return read_bytes


@pytest.fixture
def texts(read):
    """The texts of the blocks of a file."""
    return lambda data, **options: [block.text for block in read(data, **options).blocks]


@pytest.fixture
def memory_file():
    """A file of a storage that is not on this machine's disk."""
    return io.BytesIO
