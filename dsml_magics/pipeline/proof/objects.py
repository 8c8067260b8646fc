"""What an object holds besides what its type says: attributes and slots."""

from typing import Any


def attributes_of(value: Any) -> dict[str, Any]:
    held = {f".{name}": item for name, item in getattr(value, "__dict__", {}).items()}
    for slot in slots_of(type(value)):
        if hasattr(value, slot):
            held[f".{slot}"] = getattr(value, slot)
    return held


def slots_of(kind: type) -> list[str]:
    found: list[str] = []
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        found += [slots] if isinstance(slots, str) else list(slots)
    return [slot for slot in found if slot not in ("__dict__", "__weakref__")]


def name_of(kind: type) -> str:
    plain = kind.__module__ in ("builtins", "__main__", "__mp_main__")
    return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"
