"""What an uploaded file is, and a photo without what the camera wrote into it."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from PIL import Image, PngImagePlugin

from yimi.apps.evidence.kinds import KINDS, kind_of, shown_name
from yimi.apps.evidence.photos import DamagedPhoto, without_metadata
from yimi.apps.evidence.pins import pinned, plain_text

GPS, ORIENTATION, MODEL = 0x8825, 0x0112, 0x0110


def picture(size=(64, 48)) -> Image.Image:
    chance = random.Random(5)
    image = Image.new("RGB", size)
    image.putdata([(chance.randrange(256), chance.randrange(256), 90) for _ in range(size[0] * size[1])])
    return image


def photo(*, orientation: int | None = 6, progressive: bool = False, trailer: bytes = b"") -> bytes:
    """A photo as a phone writes it: place, device, a comment, something after the end."""
    exif = Image.Exif()
    if orientation:
        exif[ORIENTATION] = orientation
    exif[MODEL] = "SECRETPHONE"
    exif.get_ifd(GPS).update({1: "N", 2: (29.0, 19.0, 33.0), 3: "E", 4: (107.0, 45.0, 36.0)})
    out = io.BytesIO()
    picture().save(out, "JPEG", exif=exif, comment=b"at home of a child", progressive=progressive, quality=90)
    return out.getvalue() + trailer


def pixels(content: bytes) -> bytes:
    return Image.open(io.BytesIO(content)).convert("RGB").tobytes()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("trailer", [b"", b"MotionPhoto_Data" + b"\xff\xd8 somewhere 29.3,107.7"])
def test_a_photo_keeps_its_picture_and_how_it_was_held_and_loses_the_rest(progressive, trailer):
    sent = photo(progressive=progressive, trailer=trailer)
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(GPS)  # it was there
    kept = without_metadata(sent, "jpeg")
    exif = Image.open(io.BytesIO(kept)).getexif()
    assert dict(exif) == {ORIENTATION: 6}
    assert not exif.get_ifd(GPS)
    assert pixels(kept) == pixels(sent)
    for secret in (b"SECRETPHONE", b"home of a child", b"MotionPhoto", b"somewhere"):
        assert secret not in kept
    assert without_metadata(kept, "jpeg") == kept


def test_a_photo_held_upright_carries_no_metadata_at_all():
    kept = without_metadata(photo(orientation=None), "jpeg")
    assert dict(Image.open(io.BytesIO(kept)).getexif()) == {}
    assert b"Exif" not in kept


def test_the_colors_of_a_profile_stay():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = io.BytesIO()
    picture().save(out, "JPEG", icc_profile=profile)
    assert Image.open(io.BytesIO(without_metadata(out.getvalue(), "jpeg"))).info["icc_profile"] == profile


def test_a_png_loses_texts_and_place_and_keeps_its_pixels():
    exif, texts, out = Image.Exif(), PngImagePlugin.PngInfo(), io.BytesIO()
    exif.get_ifd(GPS).update({1: "N", 2: (29.0, 19.0, 33.0)})
    texts.add_text("Comment", "at home of a child")
    picture().save(out, "PNG", exif=exif, pnginfo=texts)
    kept = without_metadata(out.getvalue() + b"trailer", "png")
    found = Image.open(io.BytesIO(kept))
    found.load()
    assert not found.getexif() and "Comment" not in found.info
    assert b"trailer" not in kept and pixels(kept) == pixels(out.getvalue())


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_a_photo_cut_short_anywhere_is_called_damaged(kind):
    out = io.BytesIO()
    picture().save(out, kind.upper())
    whole = out.getvalue()
    for end in range(9, len(whole) - 1, 97):
        with pytest.raises(DamagedPhoto):
            without_metadata(whole[:end], kind)


def test_bytes_at_random_are_a_photo_or_damaged_and_nothing_else():
    chance = random.Random(8)
    sent = bytearray(photo())
    for _ in range(400):
        torn = bytearray(sent)
        for _ in range(4):
            torn[chance.randrange(2, len(torn))] = chance.randrange(256)
        try:
            kept = without_metadata(bytes(torn), "jpeg")
            assert without_metadata(kept, "jpeg") == kept
        except DamagedPhoto:
            continue


def office(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (photo(), "jpeg"), (b"%PDF-1.7\n%%EOF", "pdf"), (office("[Content_Types].xml", "word/document.xml"), "docx"),
        (office("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None), (office("a.txt"), None),
        (b"PK\x03\x04 cut off", None), (b"MZ\x90\x00", None), (b"<html><script>", None), (b"GIF89a", None), (b"", None),
        (b"\x00\x00\x00\x18ftypheic", None),
    ],
)  # fmt: skip
def test_the_bytes_say_what_a_file_is(content, kind):
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("sent", "kind", "shown"),
    [
        ("接种证.JPG", "jpeg", "接种证.JPG"), ("接种证.jpeg", "jpeg", "接种证.jpeg"), ("report.exe", "pdf", "report.exe.pdf"),
        ("../../etc/passwd", "png", "passwd.png"), ("C:\\照片\\a.png", "png", "a.png"), ("", "jpeg", "file.jpg"),
        ("a\r\nSet-Cookie: x\u202egpj.jpg", "jpeg", "aSet-Cookie: xgpj.jpg"), (".png", "png", "png.png"),
    ],
)  # fmt: skip
def test_a_name_is_shown_with_the_ending_of_what_the_file_is(sent, kind, shown):
    assert shown_name(sent, kind) == shown
    assert len(shown_name("长" * 300, kind)) <= 120
    assert shown_name(sent, kind).lower().endswith(KINDS[kind].endings)


def test_an_answer_names_its_files_and_keeps_what_was_written():
    digests = ["ab" * 32, "cd" * 32]
    assert pinned("接种证第3号", digests) == "接种证第3号 file:abababababababab file:cdcdcdcdcdcdcdcd"
    assert plain_text(pinned("接种证第3号", digests)) == "接种证第3号"
    assert pinned("", []) == "" and plain_text(pinned("", digests)) == ""
    assert pinned("typed file:0123456789abcdef", []) == "typed"  # a mark somebody typed is no file
    assert plain_text("see file: drawer 3") == "see file: drawer 3"
