"""What a process has besides names: folder, environment, random states, options of libraries.

Each is a setting: a function that reads it as a value pickle can keep, and one that sets it again. A library is
looked at only where the process has imported it.
"""

import decimal
import hashlib
import locale
import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, NoReturn

from dsml_magics.redaction import holds_secret, is_secret

RANDOM = frozenset(("§random", "§numpy.random", "§torch.random"))
PLACES = frozenset(("§folder", "§environment", "§path"))
"""What decides which modules an import finds."""
_OF_DISPLAY = ("display.", "styler.", "plotting.", "io.")
ARGUMENTS = "§arguments"
"""The words of the command line, of which only the script's parameters matter."""


_ROUNDS = 200_000
SECRETS = "secrets in the environment"
"""Stands for variables of the environment that are not kept; any step may need them."""


@dataclass(frozen=True)
class Secrets:
    """Variables of the environment that the script set and whose values are secrets."""

    values: Mapping[str, str]

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{', '.join(self.values)} may hold a secret, and secrets are not kept")


@dataclass(frozen=True)
class Hidden:
    """A secret variable of the environment, by a slow hash: so a step that reads it runs again where it changed."""

    digest: str


@cache
def _hidden(name: str, value: str) -> Hidden:
    digest = hashlib.pbkdf2_hmac("sha256", os.fsencode(value), os.fsencode(name), _ROUNDS)
    return Hidden(digest.hex())


def digest_of_variable(name: str, value: str | None) -> str:
    """Return a slow hash of a variable's value, from which nobody finds it; nothing where there is none."""
    return "" if value is None else _hidden(name, value).digest


@dataclass
class Settings:
    """The settings of this process, told from where it began."""

    folder: str = field(default_factory=os.getcwd)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    path: tuple[str, ...] = field(default_factory=lambda: tuple(sys.path))
    _secrets: Secrets = field(default_factory=lambda: Secrets({}))

    def read(self) -> dict[str, Any]:
        """Read all of them."""
        changed = self._environment()
        secret = {name: value for name, value in changed.items() if value and _is_secret(name, value)}
        if secret != self._secrets.values:
            self._secrets = Secrets(secret)
        own = {
            "§folder": os.path.relpath(os.getcwd(), self.folder),  # noqa: PTH109
            "§environment": changed | {name: _hidden(name, value) for name, value in secret.items()},
            **({SECRETS: self._secrets} if secret else {}),
            "§path": [self.path.index(each) if each in self.path else each for each in sys.path],
        }
        return own | {name: read() for name, (module, read, _) in _LIBRARIES.items() if _is_there(module)}

    def restore(self, values: Mapping[str, Any]) -> None:
        """Set what was read."""
        for name, value in values.items():
            if name == "§folder":
                os.chdir(os.path.join(self.folder, value))  # noqa: PTH118
            elif name == "§modules":
                sys.modules.update(value)
            elif name == "§environment":
                self._set_environment(value)
            elif name == "§path":
                sys.path[:] = [self.path[each] if isinstance(each, int) else each for each in value]
            else:
                _LIBRARIES[name][2](value)

    def outer(self, variables: Mapping[str, str | None]) -> dict[str, str]:
        """Return digests of variables that were read as they were when the process began."""
        return {
            name: digest_of_variable(name, value)
            for name, value in variables.items()
            if name not in _NOT_OURS and value == self.environment.get(name)
        }

    def _environment(self) -> dict[str, str | None]:
        """Tell how the environment differs from the one the process began with."""
        names = {name for name in {*self.environment, *os.environ} if name not in _NOT_OURS}
        now = {name: os.environ.get(name) for name in sorted(names)}
        return {name: value for name, value in now.items() if value != self.environment.get(name)}

    def _set_environment(self, changed: Mapping[str, "str | Hidden | None"]) -> None:
        for name in {*self._environment(), *changed} - self._secrets.values.keys():
            value = changed.get(name, self.environment.get(name))
            if isinstance(value, Hidden):
                continue
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _is_secret(name: str, value: str) -> bool:
    return is_secret(name) or holds_secret(value)


# Libraries note there that they were imported, or where the ledger of this very folder is.
_NOT_OURS = frozenset(
    (
        "KMP_INIT_AT_FORK",
        "KMP_DUPLICATE_LIB_OK",
        "MLFLOW_TRACKING_URI",
        "DSML_RUN",
        "DSML_SENDS",
        "PWD",
        "OLDPWD",
    )
)


def _is_there(module: str) -> bool:
    found = sys.modules.get(module)
    # One that is being imported by a thread has no names yet.
    return found is not None and not getattr(getattr(found, "__spec__", None), "_initializing", False)


def _pandas(*, is_display: bool) -> dict[str, Any]:
    # There is no public list of the options.
    config: Any = sys.modules["pandas._config.config"]
    old = config._deprecated_options  # noqa: SLF001
    names = [name for name in config._registered_options if name not in old]  # noqa: SLF001
    return {name: config.get_option(name) for name in names if name.startswith(_OF_DISPLAY) is is_display}


def _set_pandas(values: Mapping[str, Any]) -> None:
    import pandas as pd

    for name, value in values.items():
        if pd.get_option(name) != value:
            pd.set_option(name, value)


def _numpy_print() -> dict[str, Any]:
    import numpy as np

    return {**np.get_printoptions()}


def _set_numpy_print(values: Mapping[str, Any]) -> None:
    import numpy as np

    known = np.get_printoptions()
    np.set_printoptions(**{name: value for name, value in values.items() if name in known})


def _numpy() -> Any:
    import numpy as np

    return np.geterr()


def _set_numpy(values: Mapping[str, Any]) -> None:
    import numpy as np

    np.seterr(**values)


def _numpy_random() -> Any:
    return sys.modules["numpy.random"].get_state(legacy=False)


def _set_numpy_random(state: Any) -> None:
    import numpy as np

    np.random.set_state(state)  # noqa: NPY002  the one that scripts seed


def _torch_random() -> Any:
    import torch

    return torch.get_rng_state().numpy().tobytes(), str(torch.get_default_dtype())


def _set_torch_random(values: Any) -> None:
    import torch

    state, kind = values
    torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))
    torch.set_default_dtype(getattr(torch, kind.rpartition(".")[2]))


def _matplotlib() -> dict[str, Any]:
    import matplotlib as mpl

    # Reading the backend would choose one.
    return {name: value for name, value in dict.items(mpl.rcParams) if not name.startswith("backend")}


def _set_matplotlib(values: Mapping[str, Any]) -> None:
    import matplotlib as mpl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mpl.rcParams.update(dict(values))  # type: ignore[arg-type]


def _figures() -> list[Any]:
    from matplotlib._pylab_helpers import Gcf

    return [manager.canvas.figure for manager in Gcf.get_all_fig_managers()]


def _shown(figures: list[Any]) -> None:
    """Do nothing: figures that were open are open again as soon as they are read."""


def _sklearn() -> Any:
    import sklearn

    return sklearn.get_config()


def _set_sklearn(values: Mapping[str, Any]) -> None:
    import sklearn

    sklearn.set_config(**values)


def _polars() -> str:
    import polars as pl

    return str(pl.Config.save())


def _set_polars(text: str) -> None:
    import polars as pl

    pl.Config.load(text)


def _filters() -> list[Any]:
    return list(warnings.filters)


def _set_filters(filters: list[Any]) -> None:
    warnings.resetwarnings()
    own: Any = warnings.filters
    own[:] = filters


def _levels() -> dict[str, Any]:
    loggers = {"": logging.root, **logging.root.manager.loggerDict}
    return {
        name: (each.level, each.disabled)
        for name, each in loggers.items()
        if isinstance(each, logging.Logger) and (each.level or each.disabled)
    }


def _set_levels(levels: Mapping[str, Any]) -> None:
    for name, (level, is_disabled) in levels.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.disabled = is_disabled


def _context() -> Any:
    return decimal.getcontext().copy()


def _locale() -> str:
    return locale.setlocale(locale.LC_ALL)


def _set_locale(value: str) -> None:
    locale.setlocale(locale.LC_ALL, value)


_LIBRARIES: dict[str, tuple[str, Callable[[], Any], Callable[[Any], None]]] = {
    "§random": ("random", random.getstate, random.setstate),
    "§warnings": ("warnings", _filters, _set_filters),
    "§logging": ("logging", _levels, _set_levels),
    "§decimal": ("decimal", _context, decimal.setcontext),
    "§locale": ("locale", _locale, _set_locale),
    "§numpy.random": ("numpy.random", _numpy_random, _set_numpy_random),
    "§numpy": ("numpy", _numpy, _set_numpy),
    "§numpy.print": ("numpy", _numpy_print, _set_numpy_print),
    "§pandas": ("pandas", partial(_pandas, is_display=False), _set_pandas),
    "§pandas.display": ("pandas", partial(_pandas, is_display=True), _set_pandas),
    "§polars": ("polars", _polars, _set_polars),
    "§matplotlib": ("matplotlib", _matplotlib, _set_matplotlib),
    "§figures": ("matplotlib.pyplot", _figures, _shown),
    "§sklearn": ("sklearn", _sklearn, _set_sklearn),
    "§torch.random": ("torch", _torch_random, _set_torch_random),
}
SETTINGS = (*sorted(PLACES), *_LIBRARIES)
"""All that a process may have besides names."""
