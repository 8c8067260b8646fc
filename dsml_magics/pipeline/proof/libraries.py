"""How values of libraries are described: tables, arrays, tensors and figures, by their content.

No library is imported here: a value is of one only where the process has loaded it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dsml_magics.pipeline.proof import engines

if TYPE_CHECKING:
    from dsml_magics.pipeline.proof.description import Description, Walk


_WHO_RAN = ("mlflow.source.", "dsml.notebook", "dsml.execution_count")


def tells_who_ran(key: object) -> bool:
    """Whether a run's record keeps there that it was a notebook or a script, which must differ."""
    return isinstance(key, str) and key.removeprefix("tags.").startswith(_WHO_RAN)


def array(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a NumPy array; a structured one by field, as what lies between fields is undefined."""
    kind = f"array {value.dtype} {value.shape}"
    if value.dtype.names:
        return walk.parts(kind, {f"[{name!r}]": value[name] for name in value.dtype.names}, path)
    if value.dtype.hasobject:
        return walk.items(kind, value.ravel().tolist(), path)
    if hasattr(value, "mask"):
        return walk.parts(f"masked {kind}", {".data": value.filled(), ".mask": value.mask}, path)
    return _numbers(kind, value, walk)


def _numbers(kind: str, value: Any, walk: "Walk") -> "Description":
    # The order in memory is no part of the values.
    shown = " ".join(map(str, value.ravel()[:6].tolist()))
    return walk.data(kind, value.tobytes(), shown, ("array", value.dtype.str, tuple(value.shape)))


def number(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001  every describer has this form
    return walk.leaf(
        f"numpy.{value.dtype}", repr(value.item() if value.dtype.kind != "V" else value.tolist())
    )


def kind_of_data(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001
    return walk.leaf("dtype", repr(value))


def random_state(value: Any, walk: "Walk", path: str) -> "Description":
    return walk.parts("numpy.random.RandomState", {".state": value.get_state(legacy=False)}, path)


def random_generator(value: Any, walk: "Walk", path: str) -> "Description":
    return walk.parts("numpy.random.Generator", {".state": value.bit_generator.state}, path)


def frame(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a pandas frame by its columns, index and attributes."""
    kept = [at for at, name in enumerate(value.columns) if not tells_who_ran(name)]
    columns = {f".column[{at}]": value.iloc[:, at].array for at in kept}
    facts = {".columns": value.columns, ".index": value.index, **columns, ".attrs": dict(value.attrs)}
    return walk.parts(f"frame {value.shape}", facts, path)


def series(value: Any, walk: "Walk", path: str) -> "Description":
    facts = {".name": value.name, ".index": value.index, ".values": value.array, ".attrs": dict(value.attrs)}
    return walk.parts(f"series {value.shape}", facts, path)


def index(value: Any, walk: "Walk", path: str) -> "Description":
    kind = type(value).__name__
    if kind == "MultiIndex":
        levels = {f".level[{at}]": value.get_level_values(at) for at in range(value.nlevels)}
        return walk.parts(f"{kind} {value.shape}", {".names": list(value.names), **levels}, path)
    if kind == "RangeIndex":
        return walk.leaf(kind, f"{value.start} {value.stop} {value.step} {value.name!r}")
    return walk.parts(f"{kind} {value.shape}", {".name": value.name, ".values": value.array}, path)


def column(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe one of pandas' arrays."""
    kind = f"column {value.dtype} {value.shape}"
    if hasattr(value, "codes"):
        facts = {".codes": value.codes, ".categories": value.categories, ".ordered": value.ordered}
        return walk.parts(kind, facts, path)
    if hasattr(value, "asi8"):
        unit = f"{value.dtype.kind}8[{value.unit}]" if value.dtype.kind in "Mm" else "i8"
        return _numbers(kind, value.asi8.view(unit), walk)
    inner = value.to_numpy() if type(value).__name__ == "NumpyExtensionArray" else None
    if inner is not None and not inner.dtype.hasobject:
        return _numbers(kind, inner, walk)
    return walk.items(kind, value.astype(object).tolist(), path)


def polars_frame(value: Any, walk: "Walk", path: str) -> "Description":
    columns = {f"[{name!r}]": value.get_column(name) for name in value.columns}
    return walk.parts(f"polars frame {value.shape}", columns, path)


def polars_series(value: Any, walk: "Walk", path: str) -> "Description":
    return walk.items(f"polars series {value.dtype}", value.to_list(), path)


def polars_plan(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001
    return walk.leaf("polars plan", value.explain(optimized=False))


def plain(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001
    """Describe a value that says all it is by `repr`."""
    return walk.leaf(f"{type(value).__module__}.{type(value).__qualname__}", repr(value))


def by_text(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001
    return walk.leaf(f"{type(value).__module__}.{type(value).__qualname__}", str(value))


def arrow(value: Any, walk: "Walk", path: str) -> "Description":
    return walk.items(f"arrow {getattr(value, 'schema', None) or value.type}", value.to_pylist(), path)


def tensor(value: Any, walk: "Walk", path: str) -> "Description":
    plain = value.detach().cpu()
    kind = f"tensor {value.dtype} {tuple(value.shape)} {value.requires_grad}"
    return walk.items(kind, plain.flatten().tolist(), path)


def torch_generator(value: Any, walk: "Walk", path: str) -> "Description":
    return walk.parts("torch.Generator", {".state": value.get_state()}, path)


def figure(value: Any, walk: "Walk", path: str) -> "Description":
    """Describe a figure by what it shows, not by the objects that draw it."""
    facts = {".size": value.get_size_inches().tolist(), ".dpi": value.dpi, ".axes": list(value.axes)}
    return walk.parts("figure", facts, path)


def axes(value: Any, walk: "Walk", path: str) -> "Description":
    facts = {
        ".texts": [value.get_title(), value.get_xlabel(), value.get_ylabel()],
        ".limits": [*value.get_xlim(), *value.get_ylim()],
        ".lines": list(value.lines),
        ".patches": len(value.patches),
        ".collections": [repr(each.get_offsets().tolist()) for each in value.collections],
        ".images": len(value.images),
    }
    return walk.parts("axes", facts, path)


def line(value: Any, walk: "Walk", path: str) -> "Description":
    facts = {".x": value.get_xdata(), ".y": value.get_ydata(), ".label": str(value.get_label())}
    return walk.parts("line", facts, path)


def artist(value: Any, walk: "Walk", path: str) -> "Description":  # noqa: ARG001
    return ("leaf", "artist", type(value).__qualname__)


_BY_NAME: dict[str, Callable[[Any, "Walk", str], "Description"]] = {
    "numpy.ndarray": array,
    "numpy.generic": number,
    "numpy.dtype": kind_of_data,
    "numpy.ufunc": by_text,
    "numpy.random.mtrand.RandomState": random_state,
    "numpy.random._generator.Generator": random_generator,
    "pandas.DataFrame": frame,
    "pandas.core.frame.DataFrame": frame,
    "pandas.Series": series,
    "pandas.core.series.Series": series,
    "pandas.Index": index,
    "pandas.core.indexes.base.Index": index,
    "pandas.api.extensions.ExtensionArray": column,
    "pandas.core.arrays.base.ExtensionArray": column,
    "pandas.ExtensionDtype": by_text,
    "pandas.api.extensions.ExtensionDtype": by_text,
    "pandas.core.dtypes.base.ExtensionDtype": by_text,
    "polars.dataframe.frame.DataFrame": polars_frame,
    "polars.series.series.Series": polars_series,
    "polars.lazyframe.frame.LazyFrame": polars_plan,
    "polars.expr.expr.Expr": by_text,
    "pyarrow.lib.Table": arrow,
    "pyarrow.lib.RecordBatch": arrow,
    "pyarrow.lib.Array": arrow,
    "pyarrow.lib.ChunkedArray": arrow,
    "pyarrow.lib.Schema": by_text,
    "pyarrow.lib.DataType": by_text,
    "datetime.date": plain,
    "datetime.time": plain,
    "datetime.timedelta": plain,
    "decimal.Decimal": plain,
    "pandas.api.typing.NAType": plain,
    "pandas._libs.missing.NAType": plain,
    "pandas.api.typing.NaTType": plain,
    "torch.Tensor": tensor,
    "torch._C.TensorBase": tensor,
    "torch._C.Generator": torch_generator,
    "torch.dtype": by_text,
    "torch.device": by_text,
    "matplotlib.figure.Figure": figure,
    "matplotlib.axes._base._AxesBase": axes,
    "matplotlib.lines.Line2D": line,
    "matplotlib.artist.Artist": artist,
    **engines.BY_NAME,
}


def describer_of(kind: type) -> "Callable[[Any, Walk, str], Description] | None":
    return _BY_NAME.get(f"{kind.__module__}.{kind.__qualname__}")


def is_plain(kind: type) -> bool:
    """Tell whether values of a type say all they are by `repr`."""
    return any(_BY_NAME.get(f"{base.__module__}.{base.__qualname__}") is plain for base in kind.__mro__)
