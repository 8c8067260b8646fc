"""Files that are written whole or not at all."""

import os
import threading

import pytest

from dsml_magics.errors import FileNotWritten
from dsml_magics.files import replacing, write_text


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


def test_the_umask_of_the_process_stays_while_files_are_written(tmp_path):
    # Another thread's files would be open to everybody in between.
    before = os.umask(0o077)
    stop = threading.Event()
    modes = set()

    def write_along():
        number = 0
        while not stop.is_set():
            descriptor = os.open(tmp_path / f"own{number}", os.O_CREAT | os.O_WRONLY, 0o666)
            modes.add(os.fstat(descriptor).st_mode & 0o777)
            os.close(descriptor)
            number += 1

    thread = threading.Thread(target=write_along)
    thread.start()
    try:
        for _ in range(500):
            write_text(tmp_path / "a.txt", "x")
    finally:
        stop.set()
        thread.join()
        os.umask(before)
    assert modes == {0o600}


def test_a_block_that_fails_leaves_the_old_file(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt") as path:
        path.write_text("new")
        1 / 0
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_long_name_can_be_written(tmp_path):
    write_text(tmp_path / ("a" * 250 + ".txt"), "x")
    assert [len(each.name) for each in tmp_path.iterdir()] == [254]


def test_a_folder_that_is_missing_is_reported(tmp_path):
    with pytest.raises(FileNotWritten, match="has no folder"):
        write_text(tmp_path / "gone/a.txt", "x")
