"""Templates filled in with a plan, and how each language of theirs quotes text."""

import json
import math
import platform
import shlex
from functools import cache
from typing import TYPE_CHECKING

from dsml_magics.export.plan import Plan
from dsml_magics.pipeline.text import literal
from dsml_magics.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(template: str, plan: Plan) -> str:
    """Fill in a template."""
    python = ".".join(platform.python_version_tuple()[:2])
    found = _environment().get_template(f"{template}.jinja")
    return found.render(plan=plan, python=python, version=__version__)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701  no HTML
        loader=PackageLoader("dsml_magics.export"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (
        python_text,
        yaml_text,
        json_text,
        argo_text,
        github_text,
        dashed,
        shell_text,
        cron_text,
        unit_text,
        unit_title,
    )
    environment.filters.update({function.__name__: function for function in filters})
    return environment


def python_text(value: object) -> str:
    """Write a value as Python, as a formatter would: ``1e16``, not ``1e+16``."""
    return literal(value) if isinstance(value, str) else repr(value).replace("e+", "e")


def yaml_text(value: object) -> str:
    """Write a value as YAML in one line."""
    import yaml

    if not isinstance(value, str):
        return json.dumps(value)
    dumped = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=math.inf)
    return str(dumped).rstrip("\n")


def json_text(value: object) -> str:
    """Write a value as JSON, which is how a Dockerfile quotes."""
    return json.dumps(value)


def argo_text(text: str) -> str:
    """Write text that is only shown as YAML in which Argo finds no expression."""
    return yaml_text(text.replace("{{", "{ {"))


def github_text(text: str) -> str:
    """Write text that is only shown as YAML in which GitHub finds no expression."""
    return yaml_text(text.replace("${{", "$ {{"))


def dashed(name: str) -> str:
    """Write a name as Kubernetes and registries of images want it."""
    return name.replace("_", "-")


def shell_text(text: str) -> str:
    """Write text as one word of a shell."""
    return shlex.quote(text)


def cron_text(text: str) -> str:
    """Write a word of a crontab's command, where a percent sign ends the line."""
    return shlex.quote(text).replace("%", "\\%")


def unit_text(text: str) -> str:
    r"""Write a word of a systemd unit.

    Examples
    --------
    >>> print(unit_text('100% "$HOME"'))
    "100%% \"$$HOME\""
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def unit_title(text: str) -> str:
    """Write text that is only shown in a systemd unit, where a backslash at the end would join lines."""
    return text.replace("\\", "/").replace("%", "%%")
