"""Tell text from what is not, before a parser fails on it with words of its own."""

import codecs

from sources.errors import SourceError

_SIGNATURES = {
    b"PAR1": "a Parquet file: set `kind: parquet`",
    b"\x1f\x8b": "packed with gzip: name it .gz",
    b"PK\x03\x04": "a zip archive or an Excel workbook: unpack it, or export it as CSV",
    b"SQLite format 3\0": "an SQLite database: set `kind: sql` and `url: sqlite:///...`",
    b"BZh": "packed with bzip2: unpack it, or pack it as .gz",
    b"\x28\xb5\x2f\xfd": "packed with zstd: unpack it, or pack it as .gz",
    b"%PDF": "a PDF document: export the table as CSV",
}
_FEW = 10  # one byte in so many may be NUL, in rows that were cut off
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check_text(place: str, head: bytes, encoding: str = "utf-8") -> None:
    """Check the first bytes of a file that should hold text.

    Raises:
        SourceError: they are those of a known binary format, of another encoding, or no text.
    """
    for signature, what in _SIGNATURES.items():
        if head.startswith(signature):
            raise SourceError(f"{place}: is {what}")
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        return
    for mark, wide in _WIDE:
        if head.startswith(mark):
            raise SourceError(
                f"{place}: is text in {wide}, not in {encoding}: set `encoding: {wide}`, "
                "or convert it to utf-8 where the kind has no such setting"
            )
    if head.count(b"\0") * _FEW > len(head):
        raise SourceError(f"{place}: holds binary data, expected text: check `path` and `kind`")
