"""Photos that show nothing real."""

import random
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1280, 960)
MANY = 6


def pictures(rng: random.Random) -> list[bytes]:
    """Some JPEGs as a tablet's camera would send them: a grey street, and something lying on it."""
    return [_picture(rng) for _ in range(MANY)]


def _picture(rng: random.Random) -> bytes:
    width, height = SIZE
    sky = rng.randint(150, 220)
    image = Image.new("RGB", SIZE, (sky - 20, sky - 5, sky + 20))
    draw = ImageDraw.Draw(image)
    horizon = rng.randint(height // 4, height // 2)
    draw.rectangle((0, horizon, width, height), fill=(120, 120, 118))
    for _ in range(8):  # houses
        left, roof = rng.randint(0, width), rng.randint(40, horizon)
        shade = rng.randint(90, 200)
        draw.rectangle((left, roof, left + rng.randint(60, 260), horizon), fill=(shade, shade - 10, shade - 25))
    for _ in range(rng.randint(5, 20)):  # things
        x, y, size = rng.randint(200, 1000), rng.randint(horizon + 50, height - 80), rng.randint(20, 120)
        draw.ellipse((x, y, x + size, y + size // 2), fill=tuple(rng.randint(30, 220) for _ in range(3)))
    out = BytesIO()
    image.filter(ImageFilter.GaussianBlur(1)).save(out, "JPEG", quality=85)
    return out.getvalue()
