"""The process around the code: environment variables and the working folder."""

import re

from dsml_magics.pipeline.magic import Lowered, Magic, NotLowered
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.text import expanded
from dsml_magics.redaction import holds_secret, is_secret


def variable(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%env NAME`` or ``%env NAME=value``."""
    name, sign, value = _split(magic.line)
    if not name:
        return Lowered.expression(f"dict({scope.module('os')}.environ)")
    if not sign and not value:
        return Lowered.expression(f"{scope.module('os')}.environ[{expanded(name, scope.names)}]")
    if (is_secret(name) or holds_secret(value)) and "{" not in value and not value.startswith("$"):
        scope.warn(
            f"`%env {name}=...` holds a secret, which is not written: set {name} before the script runs."
        )
        scope.silence()
        return Lowered(f"{scope.helper('require_variable', '_require_variable')}({name!r})")
    call = scope.helper("set_variable", "_set_variable")
    return Lowered(f"{call}({expanded(name, scope.names)}, {expanded(value, scope.names)})")


def change_folder(magic: Magic, scope: Scope) -> Lowered:
    """Write ``%cd folder``; alone, it goes home."""
    quiet = re.search(r"(?:^|\s)-q\b", magic.line) is not None
    folder = re.sub(r"(?:^|\s)-q\b", "", magic.line).strip().strip("'\"")
    if folder.startswith("-"):
        raise NotLowered("expected a folder. Name the one to go to.")
    scope.changes_folder = True
    path = expanded(folder or "~", scope.names)
    if not quiet:
        return Lowered(f"{scope.helper('change_folder', '_change_folder')}({path})")
    os = scope.module("os")
    return Lowered(f"{os}.chdir({os}.path.expanduser({path}))" if "~" in path else f"{os}.chdir({path})")


def folder(magic: Magic, scope: Scope) -> Lowered:  # noqa: ARG001
    return Lowered.expression(f"{scope.module('os')}.getcwd()")


def _split(line: str) -> tuple[str, str, str]:
    # IPython takes the first `=`, else the first blank, and strips both sides.
    name, sign, value = line.strip().partition("=" if "=" in line else " ")
    return name.strip(), sign.strip(), value.strip()


LINE = {"env": variable, "set_env": variable, "cd": change_folder, "pwd": folder}
