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
    kept = ", ".join(f"{stream}=False" for stream in _STREAMS if f"--no-{stream}" in words)
    body = scope.convert(magic.body, scope, magic.line_number + 1)
    name = f" as {names[0]}" if names else ""
    if names:
        scope.warn(
            f"`{names[0]}` keeps the text a cell printed, in `.stdout` and `.stderr`; not what it displayed."
        )
    return Lowered(suite(f"with {scope.helper('captured', '_Captured')}({kept}){name}:", body))


CELL = {"capture": capture}
