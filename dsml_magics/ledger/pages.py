"""All pages of what MLflow answers a page at a time."""

from collections.abc import Callable
from typing import Any


def all_pages(search: Callable[..., Any], *arguments: Any, **options: Any) -> list[Any]:
    """Call a search of MLflow's client until there is no further page; return everything found."""
    found: list[Any] = []
    token = None
    while True:
        page = search(*arguments, **options, page_token=token)
        found += page
        token = page.token
        if not token:
            return found
