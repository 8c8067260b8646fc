"""Lazy frames of polars: computed in batches, and what is said of those that cannot be."""

import polars as pl
import pytest

from dsml_magics.errors import TableUnreadable
from dsml_magics.frames.opening import open_table


def test_a_lazy_frame_is_computed_in_batches(tmp_path):
    pl.DataFrame({"a": range(200_000)}).write_parquet(tmp_path / "a.parquet")
    table = open_table(pl.scan_parquet(tmp_path / "a.parquet").filter(pl.col("a") % 2 == 0))
    batches = list(table.batches())
    assert len(batches) > 1
    assert [batches[0]["a"][1].as_py(), sum(batch.num_rows for batch in batches)] == [2, 100_000]


def test_a_lazy_frame_of_a_damaged_file_is_said(tmp_path):
    (tmp_path / "bad.parquet").write_text("nothing" * 30)
    with pytest.raises(TableUnreadable, match="Expected a polars.LazyFrame that can be computed, but: "):
        open_table(pl.scan_parquet(tmp_path / "bad.parquet"))


def test_a_lazy_frame_without_such_a_column_is_said():
    lazy = pl.LazyFrame({"a": [1]}).select("b")
    with pytest.raises(TableUnreadable, match='unable to find column "b"'):
        open_table(lazy)
