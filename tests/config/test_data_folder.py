"""The folder that holds everything: private, held by one process, with secrets made once."""

import stat

import pytest

from config import data_folder


@pytest.fixture
def folder(tmp_path):
    data_folder.create(tmp_path / "var")
    return tmp_path / "var"


def test_only_the_owner_may_enter(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_secrets_are_made_once_and_found_again(folder):
    made = data_folder.create_secrets(folder)

    assert data_folder.create_secrets(folder) == made
    assert data_folder.stored_secrets(folder) == made


def test_only_the_owner_may_read_the_secrets(folder):
    data_folder.create_secrets(folder)

    assert stat.S_IMODE((folder / data_folder.SECRETS_FILE).stat().st_mode) == 0o600


def test_two_installs_have_different_secrets(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        data_folder.create(folder)

    assert data_folder.create_secrets(folders[0]) != data_folder.create_secrets(folders[1])


def test_a_folder_without_a_start_has_no_secrets(tmp_path):
    assert data_folder.stored_secrets(tmp_path) == {}


def test_damaged_secrets_are_named_not_replaced(folder):
    (folder / data_folder.SECRETS_FILE).write_text("{")

    with pytest.raises(data_folder.Unusable, match="backup"):
        data_folder.create_secrets(folder)


def test_a_second_holder_learns_who_the_first_is(folder):
    with (
        data_folder.held(folder, "process 4711"),
        pytest.raises(data_folder.InUse, match="process 4711"),
        data_folder.held(folder, "process 4712"),
    ):
        pass


def test_the_folder_is_free_again_afterwards(folder):
    with data_folder.held(folder, "the first"):
        pass

    with data_folder.held(folder, "the second"):
        pass


def test_a_file_in_the_way_is_named_with_the_remedy(tmp_path):
    (tmp_path / "var").write_text("")

    with pytest.raises(data_folder.Unusable, match="ROSTER_DATA_DIR"):
        data_folder.create(tmp_path / "var")
