"""Wait for what happens elsewhere."""

import time

# Only what never happens takes so long, on however busy a machine.
_SECONDS = 300


def wait_for(condition):
    """Return what ``condition`` returns once that is true."""
    deadline = time.monotonic() + _SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found
