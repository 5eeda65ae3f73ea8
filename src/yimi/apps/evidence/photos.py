"""Photos without what cameras write into them: place, time, device, thumbnails, whatever follows the picture.

The picture itself is not touched: segments (JPEG) and chunks (PNG) that are no part of it are left out, byte for
byte the rest stays. How the camera was held is kept, or the photo would lie on its side.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator


class DamagedPhoto(ValueError):
    """The file ends early or its parts do not follow each other."""


def without_metadata(content: bytes, kind: str) -> bytes:
    """JPEG and PNG without metadata; every other kind as it is."""
    if kind == "jpeg":
        return _jpeg(content)
    return _png(content) if kind == "png" else content


# --- JPEG ---------------------------------------------------------------------------------------------------

_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # application segments a decoder needs
_EXIF = b"Exif\0\0"


def _jpeg(content: bytes) -> bytes:
    head, rest, orientation = [b"\xff\xd8"], [], 1
    for marker, part in _segments(content):
        body = part[4:]
        if marker == 0xE1 and body.startswith(_EXIF):
            orientation = _orientation(body[len(_EXIF) :]) or orientation
        elif marker == 0xE0 and not rest:
            head += [part] if body.startswith(_KEPT[0xE0]) else []
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            rest += [part] if marker in _KEPT and body.startswith(_KEPT[marker]) else []
        else:
            rest.append(part)
    if orientation != 1:
        head.append(_exif_of(orientation))
    return b"".join([*head, *rest])


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, bytes) up to the end of the picture; a scan comes with its data."""
    at = 2
    while True:
        while content[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 2 > len(content) or content[at] != 0xFF:
            raise DamagedPhoto("no marker where one must stand")
        marker = content[at + 1]
        if marker == 0xD9:
            yield marker, content[at : at + 2]
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            yield marker, content[at : at + 2]
            at += 2
            continue
        if at + 4 > len(content):
            raise DamagedPhoto("the file ends early")
        end = at + 2 + int(struct.unpack_from(">H", content, at + 2)[0])
        if marker == 0xDA:
            end = _end_of_scan(content, end)
        if end > len(content) or end < at + 4:
            raise DamagedPhoto("the file ends early")
        yield marker, content[at:end]
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands that is no part of the scan's data."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise DamagedPhoto("the file ends early")
        following = content[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at


def _orientation(tiff: bytes) -> int | None:
    """Tag 0x0112 of the first directory, 1 to 8; None where it is not to be found."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return None
        start = struct.unpack_from(order + "I", tiff, 4)[0]
        for index in range(struct.unpack_from(order + "H", tiff, start)[0]):
            tag, _kind, _count, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * index)
            if tag == 0x0112:
                return int(value) if 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


def _exif_of(orientation: int) -> bytes:
    """A segment that says how the camera was held and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = _EXIF + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# --- PNG ----------------------------------------------------------------------------------------------------

_CHUNKS = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD", b"pHYs", b"cICP",
}  # fmt: skip


def _png(content: bytes) -> bytes:
    parts, at = [content[:8]], 8
    while True:
        if at + 12 > len(content):
            raise DamagedPhoto("the file ends early")
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise DamagedPhoto("the file ends early")
        (told,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(content[at + 4 : end - 4]) != told:
            raise DamagedPhoto("a part of the file is damaged")
        if name in _CHUNKS:
            parts.append(content[at:end])
        if name == b"IEND":
            return b"".join(parts)
        at = end
