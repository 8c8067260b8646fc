"""What a function's code does, without where it stands."""

import dis
import types

# A compiler writes a call of an imported module's function otherwise than that of a method, and only
# where it sees the import: cells are compiled one by one, a script at once.
_LEFT = frozenset(("PUSH_NULL", "PRECALL", "CACHE", "NOP", "RESUME", "EXTENDED_ARG"))
_SAME = {"LOAD_METHOD": "LOAD_ATTR", "LOAD_NAME": "LOAD_GLOBAL", "STORE_NAME": "STORE_GLOBAL"}


def code_parts(code: types.CodeType) -> dict[str, object]:
    """Name what makes two functions do the same.

    Code that asks IPython is another in a script by intent; it is compared by its arguments alone.
    """
    facts: dict[str, object] = {".arguments": repr(_arguments(code))}
    if not _asks_session(code):
        facts[".code"] = "\n".join(_essence(code))
    return facts


def _arguments(code: types.CodeType) -> tuple[object, ...]:
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    # *args, **kwargs, generator, coroutine, asynchronous generator
    return names, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & 0x2AC


def _essence(code: types.CodeType) -> list[str]:
    said: list[str] = []
    for step in dis.get_instructions(code):
        if step.opname in _LEFT:
            continue
        name = _SAME.get(step.opname, step.opname)
        if isinstance(step.argval, types.CodeType):
            said += [name, *_essence(step.argval)]
        elif step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
            said.append(name)
        else:
            said.append(f"{name} {step.argval!r}")
    return said


def _asks_session(code: types.CodeType) -> bool:
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return "get_ipython" in code.co_names or any(_asks_session(each) for each in inner)
