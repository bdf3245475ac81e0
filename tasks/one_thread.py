"""Numeric libraries compute on one thread: the tasks of a flow share out the cores."""

import os
from functools import cache

from threadpoolctl import ThreadpoolController

# Read by a library when it is loaded, which may be after the first task has begun.
_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def use_one_thread() -> None:
    """Let numeric libraries compute on one thread each, in this process, from now on.

    It is not undone: the end of one task would hand all cores to those that run beside it.
    """
    os.environ.update(dict.fromkeys(_VARIABLES, "1"))
    # On every call, since OpenMP keeps a limit for each thread.
    _loaded_libraries().limit(limits=1)


@cache
def _loaded_libraries() -> ThreadpoolController:
    # Those loaded later find the variables set; to look for them again takes milliseconds.
    return ThreadpoolController()
