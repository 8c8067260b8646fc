"""Run suggested lines as a user does: pasted below the frame they are for."""

import numpy as np
import pandas as pd
import polars as pl

import dsml_magics as dsml

LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame}


def run_line(line, df):
    namespace = {"df": df, "np": np, "pd": pd, "pl": pl}
    exec(line, namespace)
    return namespace["df"]


def line_for(df, code, column="x", **kwargs):
    """Profile a frame, and return the line of its own library for one insight; None if there is none."""
    found = [i for i in dsml.profile(df, **kwargs).insights if i.code == code and i.column in (column, None)]
    library = "pandas" if isinstance(df, pd.DataFrame) else "polars"
    return next((line for insight in found if (line := getattr(insight, library))), None)
