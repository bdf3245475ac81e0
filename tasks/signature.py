"""Signatures of what is stored, so that only what Vigil wrote is unpickled."""

import hashlib
import hmac
import json
from collections.abc import Mapping

SIGNATURE_BYTES = hashlib.sha256().digest_size


def sign(key: bytes, labels: Mapping[str, object], payload: bytes) -> bytes:
    """Return the signature of bytes together with what is said about them (HMAC, RFC 2104).

    Args:
        key: the secret.
        labels: whose bytes they are and how they are to be read; values that JSON can hold.
        payload: the bytes.
    """
    said = json.dumps(labels, sort_keys=True).encode()
    # No NUL is in the JSON, so that nothing of one part can be passed off as the other's.
    return hmac.digest(key, b"\0".join((b"vigil", said, payload)), "sha256")


def is_signed(key: bytes, labels: Mapping[str, object], payload: bytes, signature: bytes) -> bool:
    """Whether ``sign`` made the signature; takes as long wherever it differs."""
    return hmac.compare_digest(sign(key, labels, payload), signature)
