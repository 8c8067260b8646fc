"""Output that is not to be shown."""

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered, suite
from dsml_magics.pipeline.scope import Scope

_STREAMS = ("stdout", "stderr")


def capture(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%%capture name``: the text of both streams is kept, figures and tables are not."""
    words = magic.line.split()
    names = [word for word in words if not word.startswith("--")]
    unknown = set(words) - set(names) - {"--no-stdout", "--no-stderr", "--no-display"}
    if unknown or len(names) > 1 or not all(name.isidentifier() for name in names):
        raise NotLowered("expected at most one name and --no-stdout, --no-stderr, --no-display.")
    streams = [stream for stream in _STREAMS if f"--no-{stream}" not in words]
    body = scope.convert(magic.body, scope, magic.line_number + 1)
    if not streams:
        return Lowered(body)
    return Lowered(
        suite(f"with {_redirections(streams, scope, bool(names))}:", body) + _kept(names, streams, scope)
    )


def _redirections(streams: list[str], scope: Scope, is_kept: bool) -> str:  # noqa: FBT001
    contextlib, io = scope.module("contextlib"), scope.module("io")
    return ", ".join(
        f"{contextlib}.redirect_{stream}({io}.StringIO())" + (f" as _{stream}" if is_kept else "")
        for stream in streams
    )


def _kept(names: list[str], streams: list[str], scope: Scope) -> str:
    if not names:
        return ""
    scope.warn(
        f"`{names[0]}` keeps the text a cell printed, in `.stdout` and `.stderr`; not what it displayed."
    )
    texts = [f"{stream}=_{stream}.getvalue()" if stream in streams else f'{stream}=""' for stream in _STREAMS]
    return f"\n{names[0]} = {scope.module('types')}.SimpleNamespace({', '.join(texts)})"


CELL = {"capture": capture}
