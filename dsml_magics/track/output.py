"""What a block prints, warns of and shows, taken down while it reaches the user as ever."""

import base64
import json
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from dsml_magics.track.notice import reason_of

_LONGEST = 100_000
_MOST = 100
_KINDS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
_JSON = (
    "application/vnd.plotly.v1+json",
    "application/vnd.vegalite.v5+json",
    "application/vnd.vegalite.v6+json",
)
_listeners: "ContextVar[tuple[Output, ...]]" = ContextVar("dsml_listeners", default=())


class Output:
    """What was printed, warned of and shown so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = self._left_out = 0
        self._warnings: list[dict[str, Any]] = []
        self._figures: list[tuple[str, bytes]] = []
        self.not_recorded: list[str] = []

    def text(self) -> str:
        """Return what was printed, to both streams in their order; cut where it is very long."""
        more = f"\n[{self._left_out:,} more characters]\n" if self._left_out else ""
        return "".join(self._pieces) + more

    def warnings(self) -> list[dict[str, Any]]:
        """Return the warnings: category, message, line."""
        return list(self._warnings)

    def figures(self) -> dict[str, bytes]:
        """Return the figures shown, by the path they have in the ledger."""
        return {
            f"dsml/figures/{n}.{kind}": content for n, (kind, content) in enumerate(self._figures, start=1)
        }

    def hear(self, text: str) -> None:
        """Take down what is printed."""
        kept = text[: max(0, _LONGEST - self._length)]
        self._pieces.append(kept)
        self._length += len(kept)
        self._left_out += len(text) - len(kept)

    def warn(self, message: Any, category: type[Warning], line: int) -> None:
        """Take down a warning."""
        if len(self._warnings) < _MOST:
            self._warnings.append(
                {"category": category.__name__, "message": str(message)[:2000], "line": line}
            )

    def lose(self, what: str, error: BaseException) -> None:
        """Note what could not be taken down."""
        if len(self.not_recorded) < _MOST:
            self.not_recorded.append(f"{what}: {reason_of(error)}")

    def see(self, data: Any) -> None:
        """Take down what is displayed, if it is a picture."""
        found = _picture_of(data) if isinstance(data, dict) and len(self._figures) < _MOST else None
        if found is not None:
            self._figures.append(found)


def _picture_of(data: dict[str, Any]) -> tuple[str, bytes] | None:
    for mime, kind in _KINDS.items():
        content = data.get(mime)
        if isinstance(content, bytes):
            return kind, content
        if isinstance(content, str):
            return kind, content.encode() if kind == "svg" else base64.b64decode(content)
    for mime in _JSON:
        if mime in data:
            return "json", json.dumps(data[mime], default=str).encode()
    return None


@contextmanager
def listening() -> Iterator[Output]:
    """Listen to what this thread or task prints, warns of and shows; the streams themselves stay what they are."""
    output = Output()
    before = _listeners.get()
    open_before = set(map(id, _figures()))
    undo = [_wrapped(sys.stdout, "write", _printed), _wrapped(sys.stderr, "write", _printed)]
    undo += [_wrapped(warnings, "showwarning", _warned), *_displays()]
    _listeners.set((*before, output))
    try:
        yield output
    finally:
        _listeners.set(before)
        for each in reversed(undo):
            each()
        _draw(output, open_before)


def _printed(text: Any) -> None:
    if isinstance(text, str):
        for output in _listeners.get():
            output.hear(text)


def _warned(message: Any, category: Any, _filename: Any, line: Any, *_: Any) -> None:
    for output in _listeners.get():
        output.warn(message, category, line)


def _shown(data: Any = None, *_: Any, **__: Any) -> None:
    for output in _listeners.get():
        output.see(data)


class _Heard:
    """A function that others hear of, as long as somebody listens."""

    def __init__(self, plain: Callable[..., Any], own: Any, hear: Callable[..., None]) -> None:
        self.plain, self.own, self.hear, self.users = plain, own, hear, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.plain(*args, **kwargs)
        try:
            self.hear(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  what is shown may be anything, and was shown
            for output in _listeners.get():
                output.lose("something that was shown", error)
        return result


_installing = threading.Lock()


def _wrapped(holder: Any, name: str, hear: Callable[..., None]) -> Callable[[], None]:
    """Let a function of an object be heard; return what undoes it, unless the user has put another in its place."""
    with _installing:
        heard = getattr(holder, name, None)
        if not isinstance(heard, _Heard):
            try:
                heard = _Heard(heard, vars(holder).get(name), hear) if callable(heard) else None
                setattr(holder, name, heard)
            except (AttributeError, TypeError):
                heard = None  # a stream of another kind, which takes no attribute
        if heard is None:
            return lambda: None
        heard.users += 1
    return lambda: _unwrapped(holder, name, heard)


def _unwrapped(holder: Any, name: str, heard: _Heard) -> None:
    with _installing:
        heard.users -= 1
        if heard.users or vars(holder).get(name) is not heard:
            return
        if heard.own is None:
            delattr(holder, name)
        else:
            setattr(holder, name, heard.own)


def _displays() -> list[Callable[[], None]]:
    """Listen to IPython's display: calls of `display`, and the values of cells."""
    if "IPython" not in sys.modules:
        return []
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()  # type: ignore[no-untyped-call,unused-ignore]
    if shell is None:
        return []
    hooks = [_wrapped(shell.display_pub, "publish", _shown)]
    return [*hooks, _wrapped(shell.displayhook, "write_format_data", _shown)]


def _figures() -> list[Any]:
    """List matplotlib's open figures; asking pyplot for one would make it the current one."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return [manager.canvas.figure for manager in helpers.Gcf.figs.values()] if helpers else []


def _draw(output: Output, before: set[int]) -> None:
    """Keep the figures that the block left open; one that cannot be drawn is noted."""
    for figure in _figures():
        if id(figure) not in before:
            try:
                output.see({"image/png": _drawn(figure)})
            except Exception as error:  # noqa: BLE001  drawing runs the user's own artists
                output.lose("a figure", error)


def _drawn(figure: Any) -> bytes:
    from io import BytesIO

    content = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the user sees them where the figure is shown
        figure.savefig(content, format="png", bbox_inches="tight")
    return content.getvalue()
