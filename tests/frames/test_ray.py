"""What Ray alone can hold, and how it is read: tensors, blocks of two kinds, objects of Python."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dsml_magics.errors import TableEmpty
from dsml_magics.frames.opening import column_names, is_table, open_table
from tests.frames.parts import rows_of_parts

pytestmark = pytest.mark.slow

pytest_plugins = ("engines",)


def test_tensors_of_ray_are_lists(ray_data):
    data = ray_data.from_numpy(np.arange(6).reshape(3, 2))
    table = open_table(data)
    assert sorted(rows_of_parts(table)["data"].to_pylist()) == [[0, 1], [2, 3], [4, 5]]
    assert sorted(table.to_arrow()["data"].to_pylist()) == [[0, 1], [2, 3], [4, 5]]


def test_blocks_of_arrow_and_of_pandas_are_read(ray_data):
    columns = {"a": [1, 2], "s": ["x", None]}
    for data in (ray_data.from_arrow(pa.table(columns)), ray_data.from_pandas(pd.DataFrame(columns))):
        assert rows_of_parts(open_table(data)).to_pydict() == columns


def test_objects_of_python_in_ray_are_mixed_text_or_bytes(ray_data):
    mixed = ray_data.from_pandas([pd.DataFrame({"o": [1, "x"]}), pd.DataFrame({"o": [None, 2]})])
    assert sorted(rows_of_parts(open_table(mixed))["o"].to_pylist(), key=str) == ["1", "2", None, "x"]
    objects = ray_data.from_items([{"o": 1}, {"o": object()}, {"o": None}], override_num_blocks=3)
    values = rows_of_parts(open_table(objects))["o"].to_pylist()
    assert sorted(values, key=str) == [None, b"1", b"<object object>"]


def test_a_data_set_of_ray_without_blocks_is_empty(ray_data):
    with pytest.raises(TableEmpty, match="Expected a table with columns"):
        open_table(ray_data.from_items([]))


def test_a_lazy_data_set_of_ray_is_not_executed_for_its_names(ray_data):
    lazy = ray_data.range(10).map_batches(lambda batch: {"b": batch["id"]})
    assert is_table(lazy)
    assert column_names(lazy) == []


def test_what_ray_holds_is_not_compared(ray_data):
    import ray

    from dsml_magics.pipeline.proof.description import described

    for value in (ray_data.range(9), ray_data.range(9).materialize(), ray.put(1)):
        assert described({"it": value})["it"][0] == "opaque"
