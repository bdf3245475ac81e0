"""How large Arrow arrays are once nothing in them is shared or left out."""

import pyarrow as pa
from pyarrow import compute

_PLAIN_BYTES = 8  # of a number, and of a missing one in a column that has others


def unpacked_size(array: pa.Array) -> int:
    """Return the bytes of an array, each value counted as often as it occurs."""
    kind = array.type
    if pa.types.is_null(kind):
        return _PLAIN_BYTES * len(array)
    if not pa.types.is_dictionary(kind):
        return int(array.nbytes)
    size = _PLAIN_BYTES * len(array)
    if pa.types.is_primitive(kind.value_type) or pa.types.is_nested(kind.value_type):
        return size
    lengths = compute.binary_length(array.dictionary).take(array.indices)
    return size + int(compute.sum(lengths).as_py() or 0)
