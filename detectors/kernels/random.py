"""Random numbers inside kernels: splitmix64 (Steele, Lea and Flood 2014).

A generator is an array of one unsigned 64-bit integer, its state.
"""

import numpy as np

from detectors.kernels.cache import kernel

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@kernel()
def mix(bits):  # type: ignore[no-untyped-def]
    """Scatter 64 bits, one to one."""
    bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
    bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
    return bits ^ (bits >> np.uint64(31))


@kernel()
def seed_generator(generator, seed, stream):  # type: ignore[no-untyped-def]
    """Start ``generator`` on the sequence number ``stream`` of those that ``seed`` has."""
    generator[0] = mix(np.uint64(seed) ^ mix(np.uint64(stream) + _STEP))


@kernel()
def uniform(generator):  # type: ignore[no-untyped-def]
    """Draw from [0, 1)."""
    generator[0] += _STEP
    return np.float64(mix(generator[0]) >> np.uint64(11)) * 2.0**-53


@kernel()
def below(generator, bound):  # type: ignore[no-untyped-def]
    """Draw a whole number from 0 to ``bound - 1``, ``bound`` at most 2**53."""
    return np.int64(uniform(generator) * bound)
