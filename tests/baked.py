"""Files that hold records, as issuers and wallets make them, and as nobody should."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import Any, Final

from pypdf import PdfWriter

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
OPEN_BADGES_3: Final = "openbadgecredential"


def payload(record: Any) -> bytes:
    """Return a record as it is baked in: a token as it is, an object as JSON."""
    return record.encode() if isinstance(record, str) else json.dumps(record).encode()


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def itxt(record: Any, keyword: str = OPEN_BADGES_3, *, compressed: bool = False) -> bytes:
    """Return the text chunk with a record."""
    text = zlib.compress(payload(record)) if compressed else payload(record)
    return chunk(b"iTXt", keyword.encode() + b"\0" + (b"\1\0" if compressed else b"\0\0") + b"\0\0" + text)


def png(*texts: bytes) -> bytes:
    """Return a picture of one pixel with those chunks."""
    header = chunk(b"IHDR", (1).to_bytes(4) * 2 + bytes([8, 0, 0, 0, 0]))
    return PNG_SIGNATURE + header + b"".join(texts) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def svg(*elements: str, head: str = "") -> bytes:
    """Return a drawing with those elements."""
    return f'{head}<svg xmlns="http://www.w3.org/2000/svg"><g><rect/></g>{"".join(elements)}</svg>'.encode()


def baked_json(record: Any) -> str:
    """Return the element of Open Badges 3.0 with a record as JSON."""
    text = json.dumps(record)
    return f'<ob:credential xmlns:ob="https://purl.imsglobal.org/ob/v3p0"><![CDATA[{text}]]></ob:credential>'


def baked_token(token: str) -> str:
    """Return the element of Open Badges 3.0 with a record as a token."""
    return f'<ob:credential xmlns:ob="https://purl.imsglobal.org/ob/v3p0" verify="{token}"/>'


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive of (name, content)."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as opened:
        for name, content in files:
            opened.writestr(name, content)
    return written.getvalue()


def pdf(*attachments: tuple[str, bytes]) -> bytes:
    """Return a PDF of one page with those files attached."""
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    for name, content in attachments:
        writer.add_attachment(name, content)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()
