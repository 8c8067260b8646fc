"""What systems do differently."""

import errno
import os

import pytest

from dsml_magics.process.system import link_new


@pytest.fixture(params=["links", "no links"])
def has_links(request, monkeypatch):
    """A file system with links, and one without."""
    if request.param == "no links":

        def refuse(source, target):
            raise (
                OSError(errno.EPERM, "Operation not permitted") if not target.exists() else FileExistsError()
            )

        monkeypatch.setattr(os, "link", refuse)
    return request.param


def test_a_file_is_put_where_there_is_none(tmp_path, has_links):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("a")
    link_new(source, target)
    assert target.read_text() == "a"


def test_a_file_that_is_there_stays(tmp_path, has_links):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("a")
    target.write_text("b")
    with pytest.raises(FileExistsError):
        link_new(source, target)
    assert target.read_text() == "b"
