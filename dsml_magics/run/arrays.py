"""Arrays that are views of others, and stay so."""

from collections.abc import Mapping
from typing import Any


def root_of(array: Any) -> Any:
    """Find the array that owns the data of one of NumPy's arrays."""
    import numpy as np

    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def view_of(array: Any, root: Any) -> Any:
    """Write an array as a place in the data of another, or None where these have gaps."""
    if type(root) is not type(array) or root.dtype.hasobject or not (_is_dense(root)):
        return None
    offset = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
    layout = {"shape": array.shape, "dtype": array.dtype, "strides": array.strides, "offset": offset}
    return _view, (root, layout, bool(array.flags.writeable))


def _is_dense(array: Any) -> bool:
    return bool(array.flags.c_contiguous or array.flags.f_contiguous)


def _view(root: Any, layout: Mapping[str, Any], is_writeable: Any) -> Any:
    import numpy as np

    flat = (root if root.flags.c_contiguous else root.T).reshape(-1)
    array = np.ndarray(buffer=flat.view(np.uint8), **layout)
    array.flags.writeable = is_writeable
    return array
