"""Photos as phones and mischief make them, through the real decoder."""

import hashlib
import os
import struct
import zlib
from io import BytesIO

import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from incidents.photos import LONGEST, MAX_BYTES, THUMB, PhotoError, clean, thumb

RED, BLUE = (220, 30, 30), (30, 30, 220)


def halves(width: int, height: int) -> Image.Image:
    """A picture that shows which way up it is: the left half red, the right half blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def encoded(image: Image.Image, file_format: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def near(found: object, wanted: object, distance: int = 12) -> bool:
    assert isinstance(found, tuple)
    assert isinstance(wanted, tuple)
    return all(abs(one - other) <= distance for one, other in zip(found, wanted, strict=True))


def phone_exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretPhoneMaker"
    exif[ExifTags.Base.DateTime] = "2026:03:04 05:06:07"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (28.0, 52.0, 11.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (105.0, 26.0, 33.0)
    return exif


def refused(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        clean(data)
    assert caught.value.code in PhotoError.CODES
    return caught.value.code


def bare_png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG that claims a size, whatever its pixels are."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


# --- what survives and what does not


def test_a_phone_photo_loses_its_place_device_and_time_and_stands_upright() -> None:
    original = encoded(halves(400, 200), exif=phone_exif(6), comment=b"secret comment", xmp=b"<x>secret xmp</x>")
    assert b"SecretPhoneMaker" in original
    assert decoded(original).getexif().get_ifd(ExifTags.IFD.GPSInfo)

    photo = clean(original)

    image = decoded(photo.jpeg)
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert all(word not in photo.jpeg for word in (b"Exif", b"secret", b"SecretPhoneMaker", b"2026:03:04"))
    assert image.size == (photo.width, photo.height) == (200, 400)  # turned by a quarter
    assert near(image.getpixel((100, 50)), RED)  # what was left is on top now
    assert near(image.getpixel((100, 350)), BLUE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_looks_as_the_viewer_saw_it(orientation: int) -> None:
    upright = Image.new("RGB", (200, 120), "white")
    upright.paste(RED, (0, 0, 100, 60))  # the upper left quarter
    undo: dict[int, Image.Transpose] = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    photo = clean(encoded(stored, exif=phone_exif(orientation), quality=95))
    image = decoded(photo.jpeg)
    assert image.size == (200, 120)
    assert near(image.getpixel((40, 30)), RED)
    assert near(image.getpixel((160, 30)), (255, 255, 255))
    assert near(image.getpixel((40, 90)), (255, 255, 255))


def test_the_digest_is_that_of_the_bytes_and_the_same_each_time() -> None:
    original = encoded(halves(64, 64), exif=phone_exif(1))
    photo = clean(original)
    assert photo.sha256 == hashlib.sha256(photo.jpeg).hexdigest()
    assert clean(original) == photo


@pytest.mark.parametrize("size", [(4800, 3600), (3600, 4800), (9000, 500), (2048, 2048), (2049, 3), (1, 1), (90, 60)])
def test_the_longest_side_is_bounded_and_the_shape_kept(size: tuple[int, int]) -> None:
    photo = clean(encoded(halves(*size)))
    factor = min(1.0, LONGEST / max(size))
    assert abs(photo.width - size[0] * factor) <= 1
    assert abs(photo.height - size[1] * factor) <= 1
    assert max(photo.width, photo.height) <= LONGEST


def test_a_clean_photo_cleaned_again_keeps_its_size() -> None:
    photo = clean(encoded(halves(3000, 1000)))
    again = clean(photo.jpeg)
    assert (again.width, again.height) == (photo.width, photo.height)


def test_a_thumbnail_is_small() -> None:
    small = thumb(clean(encoded(halves(1600, 800), exif=phone_exif(6))).jpeg)
    assert decoded(small).size == (THUMB // 2, THUMB)
    assert len(small) < 20_000
    assert decoded(thumb(clean(encoded(halves(40, 20))).jpeg)).size == (40, 20)


# --- formats


def test_transparent_png_lies_on_white() -> None:
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 50, 100))
    found = decoded(clean(encoded(image, "PNG")).jpeg)
    assert near(found.getpixel((20, 50)), RED)
    assert near(found.getpixel((80, 50)), (255, 255, 255))


def test_a_palette_with_one_transparent_colour() -> None:
    image = halves(100, 100).quantize(2)
    transparent = image.getpixel((80, 50))
    found = decoded(clean(encoded(image, "PNG", transparency=transparent)).jpeg)
    assert near(found.getpixel((20, 50)), RED)
    assert near(found.getpixel((80, 50)), (255, 255, 255))


@pytest.mark.parametrize(
    ("mode", "file_format"),
    [("P", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("1", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG"), ("RGB", "WEBP")],
)
def test_every_mode_becomes_the_same_picture(mode: str, file_format: str) -> None:
    original = halves(120, 80).convert(mode, dither=Image.Dither.NONE)
    found = decoded(clean(encoded(original, file_format)).jpeg)
    expected = original.convert("RGB")
    assert found.mode == "RGB"
    for place in ((20, 40), (100, 40)):
        assert near(found.getpixel(place), expected.getpixel(place), 16)


def test_sixteen_bits_of_grey_are_not_blown_out() -> None:
    image = Image.new("I;16", (40, 40), 0x8000)
    assert near(decoded(clean(encoded(image, "PNG")).jpeg).getpixel((20, 20)), (128, 128, 128))


def test_a_file_of_several_pictures_gives_the_first() -> None:
    pair = encoded(halves(80, 60), "MPO", save_all=True, append_images=[Image.new("RGB", (80, 60), "green")])
    moving = encoded(halves(80, 60), "WEBP", save_all=True, append_images=[Image.new("RGB", (80, 60), "green")])
    for data in (pair, moving):
        assert near(decoded(clean(data).jpeg).getpixel((20, 30)), RED, 16)


def test_a_colour_profile_is_applied_and_then_gone() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
    assert swapped != srgb
    image = decoded(clean(encoded(halves(100, 60), icc_profile=swapped)).jpeg)
    assert "icc_profile" not in image.info
    assert near(image.getpixel((20, 30)), BLUE, 40)  # a profile whose red is blue: red numbers meant blue


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_profile_that_is_damaged_or_not_the_images_own_is_ignored(mode: str) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (b"not a profile at all", srgb[:200], srgb):
        photo = clean(encoded(halves(100, 60).convert(mode), icc_profile=profile))
        assert (photo.width, photo.height) == (100, 60)


# --- what is refused


def test_what_is_no_image_is_refused() -> None:
    assert refused(b"") == "photo_not_an_image"
    assert refused("井盖丢失,在门口".encode()) == "photo_not_an_image"
    assert refused(b"%PDF-1.7\n" + os.urandom(4000)) == "photo_not_an_image"
    assert refused(encoded(halves(10, 10), "GIF")) == "photo_not_an_image"
    assert refused(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>") == "photo_not_an_image"


def test_thirty_megabytes_are_too_many() -> None:
    picture = encoded(halves(400, 300))
    assert refused(picture + os.urandom(30 * 1024 * 1024)) == "photo_too_large"
    padded = picture + bytes(MAX_BYTES - len(picture))
    assert clean(padded).width == 400
    assert refused(padded + b"\0") == "photo_too_large"


def test_heic_is_refused_by_name() -> None:
    for brand in (b"heic", b"mif1", b"avif"):
        assert refused(struct.pack(">I", 24) + b"ftyp" + brand + bytes(2000)) == "photo_heic"


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.7, 0.99])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_file_cut_short_is_refused(file_format: str, keep: float) -> None:
    noise = Image.frombytes("RGB", (300, 200), os.urandom(300 * 200 * 3))
    data = encoded(noise, file_format)
    assert refused(data[: int(len(data) * keep)]) in {"photo_truncated", "photo_not_an_image"}


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert refused(bare_png(60_000, 60_000)) == "photo_too_many_pixels"
    assert refused(bare_png(10_000, 9_500)) == "photo_too_many_pixels"  # Pillow itself would only warn
    assert refused(bare_png(8_001, 8_000)) == "photo_too_many_pixels"


def test_text_that_unpacks_to_megabytes_is_refused() -> None:
    info = PngImagePlugin.PngInfo()
    for number in range(80):
        info.add_text(f"note{number}", "a" * 1_000_000, zip=True)
    assert refused(encoded(halves(10, 10), "PNG", pnginfo=info)) in {"photo_truncated", "photo_not_an_image"}


def test_damage_anywhere_is_a_photo_or_a_clear_refusal() -> None:
    """Every byte of a small file flipped in turn: nothing else than a PhotoError may come out."""
    codes = set()
    for file_format in ("JPEG", "PNG", "WEBP"):
        data = encoded(halves(24, 16), file_format)
        for place in range(len(data)):
            broken = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
            try:
                assert clean(broken).jpeg.startswith(b"\xff\xd8")
            except PhotoError as error:
                codes.add(error.code)
    assert {"photo_truncated", "photo_not_an_image"} <= codes <= set(PhotoError.CODES)
