"""Why a model cannot be compiled."""


class Uncompiled(Exception):
    """The model stays as it is; the message says why."""
