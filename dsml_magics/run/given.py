"""The parameters a job is given: words of the command line and a file, as values of the script's own types."""

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dsml_magics.errors import UsageError, hint
from dsml_magics.pipeline.sections import Script
from dsml_magics.pipeline.value import Parameter
from dsml_magics.run.digest import digest_of

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_JSON = (type(None), bool, int, float, str, list, dict)


def given(script: Script, words: Sequence[str], file: str | Path | None) -> dict[str, Any]:
    """Read what is given; words win over the file.

    Raises
    ------
    UsageError
        The script has no such parameter, or the value is of another type.
    """
    known = {parameter.name: parameter for parameter in script.pipeline.parameters}
    found = {name: _checked(_parameter(name, known), value) for name, value in _of_file(file).items()}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise UsageError(f"Expected a parameter such as --param depth=3, got {word!r}.")
        found[name.strip()] = _read(_parameter(name.strip(), known), text)
    return found


def arguments_of(script: Script, values: Mapping[str, Any], folder: Path) -> tuple[list[str], str]:
    """Write values as the words the script reads, and a digest of them.

    What JSON can hold goes into a file in `folder`, which the script's ``--params`` reads: YAML holds JSON.
    """
    if not values:
        return [], digest_of_values(values)
    plain = {name: value for name, value in values.items() if isinstance(value, _JSON)}
    flags = {parameter.name: parameter.flags[0] for parameter in script.pipeline.parameters}
    words = [f"{flags[name]}={value!r}" for name, value in values.items() if name not in plain]
    if plain:
        path = folder / "parameters.json"
        path.write_text(json.dumps(plain), encoding="utf-8")
        words = [f"--params={path}", *words]
    return words, digest_of_values(values)


def digest_of_values(values: Mapping[str, Any]) -> str:
    return digest_of(repr(sorted(values.items())) if values else "{}")


def _of_file(file: str | Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    import yaml

    try:
        values = yaml.safe_load(Path(file).expanduser().read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(getattr(error, "strerror", None) or error).replace("\n", " ")
        raise UsageError(f"Expected a YAML file of parameters at {str(file)!r}, but: {reason}.") from None
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise UsageError(
            f"Expected names and values in {str(file)!r}, as `depth: 3`, got {type(values).__name__}."
        )
    return values


def _parameter(name: str, known: Mapping[str, Parameter]) -> Parameter:
    if name not in known:
        has = hint(name, known) if known else "It has none: tag a cell `parameters`."
        raise UsageError(f"The script has no parameter {name!r}. {has}")
    return known[name]


def _read(parameter: Parameter, text: str) -> Any:
    if parameter.kind == "str":
        return text
    if parameter.kind == "bool":
        if text.strip().lower() not in _TRUE + _FALSE:
            raise _wrong(parameter, text)
        return text.strip().lower() in _TRUE
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise _wrong(parameter, text) from None
    return _checked(parameter, value)


def _checked(parameter: Parameter, value: Any) -> Any:
    if value is None or (parameter.default is None and parameter.kind == "str"):
        return value
    kinds: dict[str, Any] = {"int": int, "float": (int, float), "str": str, "bool": bool}
    kind = (
        kinds.get(parameter.kind) or {"list": list, "dict": dict, "tuple": tuple, "set": set}[parameter.kind]
    )
    if not isinstance(value, kind) or (isinstance(value, bool) and parameter.kind != "bool"):
        raise _wrong(parameter, value)
    return float(value) if parameter.kind == "float" else value


def _wrong(parameter: Parameter, value: object) -> UsageError:
    return UsageError(f"Expected {parameter.name} as {parameter.kind}, got {value!r}.")
