"""The keys under which the Prefect UI keeps reports apart."""

import hashlib
import re


def artifact_key(kind: str, source_name: str) -> str:
    """Return the key of a source's reports of one kind: letters, digits and dashes.

    Names that Prefect would not take, or that would become alike, end in a digest.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", source_name.lower()).strip("-")
    if plain == source_name:
        return f"{kind}-{plain}"
    digest = hashlib.blake2b(source_name.encode(), digest_size=3).hexdigest()
    return "-".join(filter(None, (kind, plain, digest)))
