"""skops, imported without the libraries that it would only look at.

To learn scikit-learn's estimators skops walks through all its modules, and these import every array library that is
installed: PyTorch and Dask take two thirds of the time and hundreds of megabytes, though no estimator is in there.
"""

from dsml_magics.process.absent import absent

with absent("array_api_strict", "cupy", "dask", "jax", "torch"):
    from skops import io

__all__ = ["io"]
