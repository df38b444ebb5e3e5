"""Photos made safe to keep: re-encoded, turned upright, without any metadata, bounded in size.

Pure: no Django, no database, no files. Every problem is a PhotoError with a code that the caller can put into words.
"""

import hashlib
import struct
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 64_000_000  # the largest common phone cameras; a bomb unpacks to more
LONGEST, THUMB = 2048, 320
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error)  # what decoders raise on damaged files
_SPACES = {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}


class PhotoError(Exception):
    """A photo that is not taken; `code` is one of CODES."""

    CODES = ("photo_too_large", "photo_not_an_image", "photo_heic", "photo_too_many_pixels", "photo_truncated")

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Photo:
    """A clean JPEG in sRGB; sha256 is that of these bytes, in hex."""

    jpeg: bytes
    width: int
    height: int
    sha256: str


def clean(data: bytes) -> Photo:
    """Turn an uploaded JPEG, PNG or WebP into a Photo of at most 2048 px a side; raises PhotoError.

    Nothing but the pixels survives: no EXIF (so no place, no device, no time), no XMP, no comment, no colour profile.
    """
    image = _open(data)
    try:
        image.draft(None, (LONGEST, LONGEST))  # a JPEG is decoded at a half or a quarter where that is enough
        image.load()
        upright = ImageOps.exif_transpose(image)
        pixels = _to_srgb(upright, image.info.get("icc_profile"))
        pixels.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    except _BROKEN as error:
        raise PhotoError("photo_truncated") from error
    jpeg = _encode(pixels)
    return Photo(jpeg, pixels.width, pixels.height, hashlib.sha256(jpeg).hexdigest())


def thumb(jpeg: bytes) -> bytes:
    """A JPEG of at most 320 px a side from a clean one."""
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as image:
        image.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
        return _encode(image)


def _open(data: bytes) -> Image.Image:
    if len(data) > MAX_BYTES:
        raise PhotoError("photo_too_large")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        raise PhotoError("photo_heic")
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PhotoError("photo_not_an_image") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError("photo_too_many_pixels") from error
    except _BROKEN as error:
        raise PhotoError("photo_truncated") from error
    if image.width * image.height > MAX_PIXELS:
        raise PhotoError("photo_too_many_pixels")
    return image


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The pixels as RGB in sRGB: transparency on white, foreign colour spaces converted."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    elif image.mode not in _SPACES:
        image = image.convert("RGB")
    return (profile and _converted(image, profile)) or image.convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The image out of its own colour profile, None if the profile is damaged or for another colour space."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES[image.mode]:
            return None
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _encode(image: Image.Image) -> bytes:
    image.info = {}  # Pillow would carry comment and XMP over
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
