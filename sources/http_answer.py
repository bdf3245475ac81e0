"""What a server answers, and answers kept until it says they have changed."""

from collections import OrderedDict
from dataclasses import dataclass

_MAX_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Answer:
    """What a server answered a request with.

    Attributes:
        content: the body.
        link: the address in the Link header with rel=next.
        etag: the server's name for this version of it.
    """

    content: bytes
    link: str | None = None
    etag: str | None = None


class AnswerCache:
    """Keeps answers that carry an ETag, the latest used ones, up to 64 MiB of them."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def get(self, url: str) -> Answer | None:
        """Return the answer kept for an address."""
        if url in self._answers:
            self._answers.move_to_end(url)
        return self._answers.get(url)

    def keep(self, url: str, answer: Answer) -> None:
        """Keep an answer, at the cost of the ones least recently used."""
        if answer.etag is None:
            return
        self._answers[url] = answer
        self._answers.move_to_end(url)
        while sum(len(kept.content) for kept in self._answers.values()) > _MAX_BYTES:
            self._answers.popitem(last=False)
