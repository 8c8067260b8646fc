"""What Dask alone can hold, and how it is read: categories and objects that differ between parts."""

import pandas as pd
import pytest

from dsml_magics.errors import ColumnUnusable
from dsml_magics.frames.column import MIXED
from dsml_magics.frames.opening import open_table
from tests.frames.parts import rows_of_parts

pytestmark = pytest.mark.slow

pytest_plugins = ("engines",)


def dask_frame(*parts):
    """A frame of these parts, of which Dask knows what the first one without rows says."""
    import dask
    from dask import dataframe

    with dask.config.set({"dataframe.convert-string": False}):
        return dataframe.from_map(lambda part: part, list(parts), meta=parts[0].iloc[:0])


@pytest.mark.parametrize("read", [rows_of_parts, lambda table: table.to_arrow()], ids=["parts", "driver"])
def test_categories_that_differ_between_parts_are_one_column(read):
    parts = [pd.DataFrame({"c": pd.Categorical(values)}) for values in (["a", "b"], ["c", None], [None])]
    table = open_table(dask_frame(*parts).astype({"c": pd.CategoricalDtype()}))
    assert read(table)["c"].to_pylist() == ["a", "b", "c", None, None]


def test_an_object_column_is_looked_at_in_all_parts():
    parts = [pd.DataFrame({"o": pd.Series(values, dtype=object)}) for values in ([None], [[1]], [[2, 3]])]
    table = open_table(dask_frame(*parts))
    assert str(table.schema.field("o").type).startswith("list<")
    assert rows_of_parts(table)["o"].to_pylist() == [None, [1], [2, 3]]


def test_an_object_column_of_unlike_parts_is_text_and_says_so():
    parts = [pd.DataFrame({"o": pd.Series(values, dtype=object)}) for values in ([1, 2], ["x"], [2.5, "y"])]
    table = open_table(dask_frame(*parts))
    assert table.schema.field("o").metadata[MIXED] == b"float, int, str"
    assert rows_of_parts(table)["o"].to_pylist() == ["1", "2", "x", "2.5", "y"]
    assert table.to_arrow()["o"].to_pylist() == ["1", "2", "x", "2.5", "y"]


def test_a_part_of_another_type_than_was_said_is_told():
    parts = [pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": ["x", "y"]})]
    with pytest.raises(
        ColumnUnusable, match=r"Expected int64 in column 'a' throughout, got .*string in one part"
    ):
        open_table(dask_frame(*parts)).to_arrow()


def test_a_series_of_dask_is_a_table_of_one_column():
    from dask import dataframe

    table = open_table(dataframe.from_pandas(pd.Series([1, 2, 3], name="a"), npartitions=2))
    assert table.to_arrow().to_pydict() == {"a": [1, 2, 3]}


def test_a_cluster_of_dask_computes_the_parts(dask_client):
    from dask import dataframe

    frame = dataframe.from_pandas(pd.DataFrame({"a": range(100)}), npartitions=5)
    assert sorted(rows_of_parts(open_table(frame))["a"].to_pylist()) == list(range(100))
