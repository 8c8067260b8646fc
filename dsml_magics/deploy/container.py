"""What a container needs: a slim image that does not run as root, a compose file, a KServe service."""

import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dsml_magics.deploy.server_files import SERVER

if TYPE_CHECKING:
    from jinja2 import Environment


def write_container(folder: Path, *, name: str, copied: str = ".", server: str = SERVER) -> None:
    """Write the files for a container of a package.

    Parameters
    ----------
    folder
        Where to write them: ``dsml/`` of the package, or a build context.
    copied
        The folder of the package, as seen from the build context: ``.`` if that is the package itself.
    server
        The folder with what `write_server` writes, as seen from the build context.
    """
    is_package = copied == "."
    values = {
        "name": name,
        # Names of images and services are of small letters.
        "image": name.lower().replace("_", "-"),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "copied": copied,
        "server": server,
        "context": ".." if is_package else ".",
        "dockerfile": "dsml/Dockerfile" if is_package else "Dockerfile",
        "compose": "dsml/compose.yaml" if is_package else "compose.yaml",
    }
    for file in ("Dockerfile", "compose.yaml", "inferenceservice.yaml"):
        text = _environment().get_template(f"{file}.jinja").render(values)
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(  # noqa: S701  no HTML
        loader=PackageLoader("dsml_magics.deploy"), undefined=StrictUndefined, keep_trailing_newline=True
    )
