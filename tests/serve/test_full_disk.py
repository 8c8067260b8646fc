"""A server goes on although the disk for temporary files is full."""

import tempfile
from contextlib import suppress

import pytest
from served import ROW, ask, records, serving

from tests.disks import full_disk

pytestmark = pytest.mark.slow


def test_a_full_disk_ends_no_process(ledger, tmp_path, monkeypatch):
    with full_disk(tmp_path / "disk") as disk:
        monkeypatch.setenv("TMPDIR", str(disk))
        monkeypatch.setattr(tempfile, "tempdir", None)
        with serving("income@1", workers=2) as server:
            pids = server.pids
            with suppress(OSError), (disk / "more").open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 1024)
            assert {ask(server, "/invocations", records(ROW))[0] for _ in range(20)} == {200}
            assert ask(server, "/metrics")[0] == 200
            assert server.pids == pids
