"""Tables as the statistics read them: columns, sample and products."""

import numpy as np
import pandas as pd
import pyarrow as pa

from dsml_magics.frames.opening import open_table
from dsml_magics.profile.describe import column_of
from dsml_magics.profile.sketch.sample import Sample
from dsml_magics.profile.state import State, state_of

NONE = dict(rows=0, overlap=None, origin="")


def read(table):
    """Columns, sample and products of a whole table."""
    return _read(state_of(open_table(table)).sketch)


def read_sampled(table):
    """The same of a table of which a sample of rows is kept."""
    return _read(State(summary=state_of(open_table(table)).bounded()).sketch)


def read_weighted(table, weights):
    """The same of a table whose rows stand several times, but stand once in the sample."""
    table = pd.DataFrame(table)
    columns, whole, gram = read(table.loc[np.repeat(table.index, weights)])
    once = pa.Table.from_pandas(table, preserve_index=False).cast(whole.table.schema)
    hashes = np.arange(len(weights), dtype="u8")
    return columns, Sample(once, hashes, np.asarray(weights, "i8"), whole.rows), gram


def columns_of(table):
    return read(table)[0]


def _read(sketch):
    columns = {name: column_of(each, sketch.sample) for name, each in sketch.columns.items()}
    return columns, sketch.sample, sketch.gram
