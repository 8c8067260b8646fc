"""Words for a reader."""


def counted(number: int, noun: str) -> str:
    """Write how many there are of something.

    Examples
    --------
    >>> counted(1, "cell"), counted(3, "cell")
    ('1 cell', '3 cells')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
