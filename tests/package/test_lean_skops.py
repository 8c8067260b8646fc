"""skops is imported without the array libraries, which can be imported as ever before, meanwhile and after."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import sys, threading
from dsml_magics.package import lean_skops
from dsml_magics.process.absent import absent
print(sorted({"torch", "dask"} & set(sys.modules)), [type(each).__name__ for each in sys.meta_path].count("_Absent"))
found = []
with absent("dask"):
    thread = threading.Thread(target=lambda: found.append(__import__("dask").__name__))
    thread.start()
    thread.join()
print(found)
import skops.io._trusted_types as known
print("sklearn.linear_model._logistic.LogisticRegression" in known.SKLEARN_ESTIMATOR_TYPE_NAMES)
import torch
print(torch.__name__)
"""


def test_array_libraries_are_not_imported_but_by_others():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[] 0", "['dask']", "True", "torch"]
