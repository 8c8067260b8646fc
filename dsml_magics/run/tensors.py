"""Tensors of PyTorch, with their gradients; what is computed with a history cannot be kept."""

import pickle
from typing import Any


def parts_of(tensor: Any) -> Any:
    """Write a tensor for pickle.

    Raises
    ------
    PicklingError
        It has the history of a computation, which only that gives.
    """
    if tensor.grad_fn is not None:
        raise pickle.PicklingError("cannot pickle a tensor with the history of its computation")
    made = tensor.__reduce_ex__(5)
    return made if tensor.grad is None else (_with_gradient, (made[0], made[1], tensor.grad))


def _with_gradient(function: Any, arguments: tuple[Any, ...], gradient: Any) -> Any:
    tensor = function(*arguments)
    tensor.grad = gradient
    return tensor
