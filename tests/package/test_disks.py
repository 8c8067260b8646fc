"""Full and read-only disks: one sentence, nothing half-written."""

import numpy as np
import pandas as pd
import pytest

import dsml_magics as dsml
from dsml_magics.errors import FileNotWritten
from dsml_magics.package.manifest import seal
from tests.disks import full_disk, read_only_disk


@pytest.fixture
def rows(tmp_path):
    rng = np.random.default_rng(0)
    pd.DataFrame({"age": rng.integers(20, 70, 20_000), "x": rng.normal(size=20_000)}).to_parquet(
        "rows.parquet"
    )
    return tmp_path / "rows.parquet"


def refused(call, reason):
    with pytest.raises(FileNotWritten) as error:
        call()
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert "Error" not in str(error.value)


@pytest.mark.parametrize("name", ["out.parquet", "out.csv"])
def test_predictions_on_a_full_disk(folder, rows, tmp_path, name):
    with full_disk(tmp_path / "disk") as disk:
        refused(
            lambda: dsml.predict(str(folder), rows, out=disk / name), f"Cannot write {str(disk / name)!r}: "
        )
        assert {path.name for path in disk.iterdir()} <= {f".{name}.progress"}
        assert not list(disk.glob(".*/.part.npz"))


def test_predictions_on_a_read_only_disk(folder, rows, tmp_path):
    with read_only_disk(tmp_path / "disk") as disk:
        refused(
            lambda: dsml.predict(str(folder), rows, out=disk / "out.csv"), "out.csv': Read-only file system"
        )
        refused(
            lambda: dsml.predict(str(folder), pd.read_parquet(rows), out=disk / "out.csv"),
            "out.csv': Read-only file system",
        )
        assert not list(disk.iterdir())


def test_a_package_published_on_a_full_or_read_only_disk(folder, tmp_path):
    (folder / "ballast").write_bytes(bytes(100_000))
    seal(folder)
    for made, reason in ((full_disk, "disk/out': "), (read_only_disk, "Read-only file system")):
        with made(tmp_path / "disk") as disk:
            for to in (f"{disk}/out", f"oci:{disk}/out"):
                refused(lambda to=to: dsml.publish(str(folder), to=to), reason)
            assert not list(disk.iterdir())
        (tmp_path / "disk").rmdir()
