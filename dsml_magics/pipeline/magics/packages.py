"""Installing packages is no work of a script: what it needs is recorded."""

import re
import shlex
from collections.abc import Iterator

from dsml_magics.pipeline.magic import Lowered, Magic, comment
from dsml_magics.pipeline.scope import Scope

_INSTALL = re.compile(
    r"\s*(?:\S*python\S*\s+-m\s+|\{sys\.executable\}\s+-m\s+|uv\s+)?(?:pip3?|conda|mamba)\s+install\b"
)
_WITH_VALUE = (
    "-c",
    "--channel",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-t",
    "--target",
    "-f",
    "--find-links",
)
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")


def is_install(line: str) -> bool:
    """Tell ``pip install x`` and its like from other shell commands."""
    return _INSTALL.match(line) is not None


def install(magic: Magic, scope: Scope) -> Lowered:
    """Record what is installed and keep the line as a comment."""
    line = _PASSWORD.sub("***@", magic.text)
    scope.require(list(_requirements(line)))
    scope.silence()
    return Lowered(comment(line))


def _requirements(line: str) -> Iterator[str]:
    words = iter(_words(line.partition("install")[2]))
    for word in words:
        if word in ("-r", "--requirement"):
            yield f"-r {next(words, '')}"
        elif word in _WITH_VALUE:
            next(words, None)
        elif word in ("&&", ";", "|", ">"):
            return
        elif not word.startswith("-"):
            yield word


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


LINE = dict.fromkeys(("pip", "conda", "mamba", "uv"), install)
