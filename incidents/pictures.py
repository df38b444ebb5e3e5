"""Drawn pictures that stand for photos in a demonstration: a street, and what is wrong in it.

Pure: no Django, no database, no files.
"""

import math
from collections.abc import Callable
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1120, 840)
FINE = 2  # drawn larger, then made smaller, so that edges are soft
VARIANTS = 3
Draw = ImageDraw.ImageDraw
Box = tuple[float, float, float, float]

SCENE_OF = {
    "0410": "bikes", "0207": "banner", "0136": "pile", "0110": "bags", "0107": "laundry", "0401": "stall", "0201": "posters",
    "object/0305": "bin", "0112": "leaves", "0405": "stall", "0103": "ramp", "0406": "stall", "0111": "pile", "0404": "pile",
    "0135": "pile", "0118": "leaves", "object/0101": "hole", "object/0104": "hole", "object/0137": "lamp", "0505": "hole",
    "0501": "water", "0503": "water", "0506": "water", "0125": "water", "0496": "bikes", "0113": "hole",
}  # fmt: skip


def name(code: str, kind: str, variant: int) -> str:
    """What the picture of a class is called: scene, "before" or "after", and which of the variants."""
    return f"{SCENE_OF.get(code, 'cone')}/{kind}/{variant % VARIANTS}"


def draw(picture: str) -> bytes:
    """The JPEG of a picture by its name; equal names give equal pixels."""
    scene, kind, variant = picture.split("/")
    rng = Random(f"{scene}{variant}")  # noqa: S311  # a drawing, not a secret
    width, height = SIZE[0] * FINE, SIZE[1] * FINE
    image = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(image)
    _street(pen, width, height, rng)
    if kind == "before":
        SCENES[scene](pen, width, height, rng)
    small = image.resize(SIZE, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.6))
    out = BytesIO()
    small.save(out, "JPEG", quality=82)
    return out.getvalue()


def _shade(colour: tuple[int, int, int], by: float) -> tuple[int, int, int]:
    r, g, b = (max(0, min(255, round(part * by))) for part in colour)
    return r, g, b


def _street(pen: Draw, w: int, h: int, rng: Random) -> None:
    """Sky, houses with windows, trees, pavement, kerb and road."""
    light = rng.uniform(0.92, 1.05)
    for y in range(h // 2):
        pen.line((0, y, w, y), fill=_shade((190 + y * 40 // h, 212 + y * 24 // h, 230), light))
    pen.rectangle((0, h // 2, w, h * 0.6), fill=_shade((168, 172, 176), light))
    x = -rng.randint(0, 200)
    while x < w:
        width = rng.randint(260, 520)
        wall = _shade(rng.choice(((214, 202, 186), (196, 190, 184), (222, 210, 190), (188, 178, 170))), light)
        _house(pen, (x, rng.randint(h // 12, h // 4), x + width, h * 0.6), wall, rng)
        x += width + rng.randint(6, 60)
    pen.rectangle((0, h * 0.6, w, h * 0.84), fill=_shade((198, 194, 188), light))
    for i in range(-6, 18):
        pen.line(
            (w * i / 12, h * 0.84, w * 0.5 + (w * i / 12 - w * 0.5) * 0.72, h * 0.6),
            fill=_shade((182, 178, 172), light),
            width=3,
        )
    for share in (0.66, 0.74):
        pen.line((0, h * share, w, h * share), fill=_shade((182, 178, 172), light), width=3)
    pen.rectangle((0, h * 0.84, w, h * 0.86), fill=_shade((226, 222, 216), light))
    pen.rectangle((0, h * 0.86, w, h), fill=_shade((112, 114, 118), light))
    for i in range(5):
        pen.rectangle((w * i / 4 - 90, h * 0.94, w * i / 4 + 90, h * 0.952), fill=(222, 222, 216))
    for _ in range(rng.randint(1, 3)):
        _tree(pen, rng.uniform(0.05, 0.95) * w, h * 0.63, rng.uniform(0.16, 0.24) * h, rng)


def _house(pen: Draw, box: Box, wall: tuple[int, int, int], rng: Random) -> None:
    x0, y0, x1, y1 = box
    pen.rectangle(box, fill=wall)
    pane = _shade((150, 172, 186), rng.uniform(0.85, 1.1))
    y = y0 + 36
    while y < y1 - 210:
        x = x0 + 34
        while x < x1 - 70:
            pen.rectangle((x, y, x + 52, y + 68), fill=pane, outline=_shade(wall, 0.85), width=4)
            x += 92
        y += 112
    sign = rng.choice(((178, 72, 62), (64, 108, 150), (82, 130, 92), (196, 148, 66)))
    pen.rectangle((x0, y1 - 190, x1, y1 - 140), fill=_shade(sign, 0.95))
    pen.rectangle((x0 + 20, y1 - 132, x1 - 20, y1), fill=_shade((92, 100, 108), 1.05))


def _tree(pen: Draw, x: float, y: float, size: float, rng: Random) -> None:
    pen.rectangle((x - size * 0.06, y - size * 0.7, x + size * 0.06, y), fill=(112, 92, 74))
    for _ in range(9):
        dx, dy, r = rng.uniform(-0.5, 0.5) * size, rng.uniform(-1.5, -0.7) * size, rng.uniform(0.25, 0.42) * size
        pen.ellipse(
            (x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=_shade((104, 146, 92), rng.uniform(0.85, 1.15))
        )


# --- what is wrong ---


def _bikes(pen: Draw, w: int, h: int, rng: Random) -> None:
    for i in range(rng.randint(7, 11)):
        x, y, s = w * (0.1 + i * 0.075) + rng.randint(-20, 20), h * rng.uniform(0.72, 0.84), h * 0.052
        colour = rng.choice(((52, 116, 190), (240, 190, 40), (70, 160, 110), (210, 84, 60), (90, 96, 104)))
        for wheel in (-1.15, 1.15):
            cx = x + wheel * s
            pen.ellipse((cx - s, y - s, cx + s, y + s), outline=(48, 50, 54), width=9)
        pen.line(
            (x - 1.15 * s, y, x - 0.2 * s, y - 1.2 * s, x + 0.8 * s, y - 1.2 * s, x + 1.15 * s, y),
            fill=colour,
            width=13,
            joint="curve",
        )
        pen.line((x, y, x + 0.8 * s, y - 1.2 * s), fill=colour, width=11)
        pen.line(
            (x + 0.8 * s, y - 1.2 * s, x + 0.7 * s, y - 1.7 * s, x + 1.1 * s, y - 1.75 * s), fill=(48, 50, 54), width=9
        )
        pen.rounded_rectangle((x - 0.6 * s, y - 1.45 * s, x + 0.1 * s, y - 1.28 * s), 8, fill=(48, 50, 54))


def _banner(pen: Draw, w: int, h: int, rng: Random) -> None:
    y = h * rng.uniform(0.3, 0.4)
    for x in (w * 0.18, w * 0.84):
        pen.rectangle((x - 10, h * 0.2, x + 10, h * 0.8), fill=(120, 124, 130))
    pen.polygon(
        ((w * 0.18, y), (w * 0.84, y + 20), (w * 0.84, y + 170), (w * 0.5, y + 190), (w * 0.18, y + 150)),
        fill=(204, 52, 46),
    )
    for i in range(8):
        x = w * (0.24 + i * 0.072)
        pen.rectangle((x, y + 45, x + 62, y + 112), fill=(250, 222, 120))


def _pile(pen: Draw, w: int, h: int, rng: Random) -> None:
    for _ in range(26):
        x, y, s = w * rng.uniform(0.26, 0.72), h * rng.uniform(0.66, 0.83), rng.uniform(40, 120)
        colour = rng.choice(((176, 134, 88), (196, 160, 112), (150, 146, 140), (128, 110, 92), (206, 186, 152)))
        turn = rng.uniform(-0.5, 0.5)
        corners = [(x + s * math.cos(a + turn), y + s * 0.62 * math.sin(a + turn)) for a in (0.6, 2.5, 3.8, 5.7)]
        pen.polygon(corners, fill=_shade(colour, rng.uniform(0.8, 1.1)), outline=_shade(colour, 0.66))


def _bags(pen: Draw, w: int, h: int, rng: Random) -> None:
    for _ in range(11):
        x, y, s = w * rng.uniform(0.3, 0.7), h * rng.uniform(0.7, 0.83), rng.uniform(50, 90)
        colour = rng.choice(((46, 48, 52), (60, 62, 66), (226, 226, 222), (206, 84, 70)))
        pen.ellipse((x - s, y - s * 0.8, x + s, y + s * 0.6), fill=colour)
        pen.polygon(
            (
                (x - s * 0.2, y - s * 0.7),
                (x + s * 0.2, y - s * 0.7),
                (x + s * 0.32, y - s * 1.15),
                (x - s * 0.3, y - s * 1.1),
            ),
            fill=colour,
        )
        pen.arc((x - s * 0.6, y - s * 0.6, x + s * 0.3, y + s * 0.3), 200, 290, fill=_shade(colour, 1.5), width=6)


def _laundry(pen: Draw, w: int, h: int, rng: Random) -> None:
    y = h * 0.42
    for x in (w * 0.16, w * 0.86):
        pen.rectangle((x - 8, y - 30, x + 8, h * 0.78), fill=(112, 92, 74))
    pen.line((w * 0.16, y, w * 0.86, y + 18), fill=(70, 70, 72), width=5)
    for i in range(7):
        x, tall = w * (0.2 + i * 0.092), rng.uniform(0.12, 0.24) * h
        colour = rng.choice(((222, 120, 130), (120, 160, 210), (240, 226, 190), (140, 190, 150), (236, 236, 232)))
        pen.rectangle((x, y + 8, x + w * 0.075, y + tall), fill=colour, outline=_shade(colour, 0.85), width=4)


def _stall(pen: Draw, w: int, h: int, rng: Random) -> None:
    x0, x1, top = w * 0.28, w * 0.72, h * 0.46
    stripes = rng.choice(
        (((206, 70, 60), (244, 240, 232)), ((60, 130, 170), (244, 240, 232)), ((70, 150, 96), (244, 240, 232)))
    )
    for i in range(10):
        left = x0 - 40 + i * (x1 - x0 + 80) / 10
        right = left + (x1 - x0 + 80) / 10
        pen.polygon(((left, top + 90), (right, top + 90), (right - 14, top), (left + 14, top)), fill=stripes[i % 2])
    for x in (x0, x1):
        pen.rectangle((x - 8, top + 80, x + 8, h * 0.82), fill=(110, 112, 116))
    pen.rectangle((x0 - 20, h * 0.67, x1 + 20, h * 0.71), fill=(150, 112, 78))
    pen.rectangle((x0, h * 0.71, x1, h * 0.81), fill=(172, 134, 96))
    for _ in range(46):
        x, y, r = rng.uniform(x0, x1), h * rng.uniform(0.62, 0.67), rng.uniform(20, 34)
        pen.ellipse(
            (x - r, y - r, x + r, y + r),
            fill=rng.choice(((226, 96, 60), (240, 180, 60), (120, 170, 80), (196, 60, 66))),
        )


def _posters(pen: Draw, w: int, h: int, rng: Random) -> None:
    pen.rectangle((w * 0.1, h * 0.2, w * 0.9, h * 0.72), fill=(206, 200, 190))
    for _ in range(15):
        x, y = w * rng.uniform(0.13, 0.78), h * rng.uniform(0.23, 0.56)
        colour = rng.choice(((248, 244, 236), (250, 226, 120), (240, 170, 160), (190, 220, 240)))
        pen.rectangle((x, y, x + 150, y + 190), fill=colour, outline=_shade(colour, 0.8), width=3)
        for line in range(5):
            pen.rectangle(
                (x + 16, y + 24 + line * 30, x + rng.randint(80, 134), y + 38 + line * 30), fill=_shade(colour, 0.6)
            )


def _bin(pen: Draw, w: int, h: int, rng: Random) -> None:
    for x in (w * 0.4, w * 0.53):
        pen.polygon(((x, h * 0.52), (x + 220, h * 0.52), (x + 200, h * 0.8), (x + 20, h * 0.8)), fill=(76, 128, 96))
        pen.polygon(
            ((x - 14, h * 0.48), (x + 230, h * 0.46), (x + 226, h * 0.52), (x - 10, h * 0.53)), fill=(58, 104, 78)
        )
    for _ in range(14):
        x, y = w * rng.uniform(0.34, 0.72), h * rng.uniform(0.78, 0.83)
        pen.ellipse(
            (x - 34, y - 20, x + 34, y + 20), fill=rng.choice(((230, 228, 222), (206, 170, 120), (120, 150, 190)))
        )


def _leaves(pen: Draw, w: int, h: int, rng: Random) -> None:
    for _ in range(420):
        x, y, r = w * rng.gauss(0.5, 0.2), h * rng.uniform(0.7, 0.98), rng.uniform(10, 24)
        colour = rng.choice(((196, 146, 70), (168, 116, 56), (214, 176, 92), (134, 140, 80)))
        pen.ellipse((x - r, y - r * 0.5, x + r, y + r * 0.5), fill=colour)


def _ramp(pen: Draw, w: int, h: int, rng: Random) -> None:
    x = w * rng.uniform(0.32, 0.44)
    pen.polygon(
        ((x, h * 0.8), (x + 520, h * 0.8), (x + 600, h * 0.9), (x - 80, h * 0.9)),
        fill=(158, 158, 156),
        outline=(120, 120, 118),
    )
    for i in range(6):
        pen.line((x + i * 100, h * 0.81, x - 60 + i * 128, h * 0.89), fill=(138, 138, 136), width=6)


def _hole(pen: Draw, w: int, h: int, rng: Random) -> None:
    x, y = w * rng.uniform(0.42, 0.58), h * 0.92
    pen.ellipse((x - 190, y - 70, x + 190, y + 70), fill=(82, 82, 84))
    pen.ellipse((x - 165, y - 56, x + 165, y + 58), fill=(30, 30, 32))
    _cone(pen, w, h, rng)


def _cone(pen: Draw, w: int, h: int, rng: Random) -> None:
    for x in (w * 0.3, w * 0.7, w * rng.uniform(0.45, 0.6)):
        top, foot = h * 0.7, h * 0.9
        pen.polygon(((x - 16, top), (x + 16, top), (x + 70, foot), (x - 70, foot)), fill=(236, 110, 50))
        for a, b in ((0.3, 0.45), (0.62, 0.78)):
            y0, y1 = top + (foot - top) * a, top + (foot - top) * b
            pen.polygon(
                ((x - 16 - 54 * a, y0), (x + 16 + 54 * a, y0), (x + 16 + 54 * b, y1), (x - 16 - 54 * b, y1)),
                fill=(246, 244, 240),
            )
        pen.rectangle((x - 92, foot, x + 92, foot + 18), fill=(60, 60, 64))


def _lamp(pen: Draw, w: int, h: int, rng: Random) -> None:
    x, lean = w * rng.uniform(0.4, 0.6), rng.choice((-150, 150))
    pen.line((x, h * 0.84, x + lean, h * 0.16), fill=(96, 100, 106), width=26)
    pen.line((x + lean, h * 0.16, x + lean + 230, h * 0.13), fill=(96, 100, 106), width=18)
    pen.rounded_rectangle((x + lean + 190, h * 0.12, x + lean + 330, h * 0.155), 14, fill=(70, 72, 76))


def _water(pen: Draw, w: int, h: int, rng: Random) -> None:
    pen.ellipse((w * 0.14, h * 0.82, w * 0.86, h * 1.02), fill=(142, 164, 182))
    for i in range(9):
        x, y, r = w * rng.uniform(0.26, 0.74), h * rng.uniform(0.87, 0.96), 60 + i * 14
        pen.arc((x - r, y - r * 0.25, x + r, y + r * 0.25), 20, 160, fill=(190, 208, 220), width=6)


SCENES: dict[str, Callable[[Draw, int, int, Random], None]] = {
    "bikes": _bikes, "banner": _banner, "pile": _pile, "bags": _bags, "laundry": _laundry, "stall": _stall, "posters": _posters,
    "bin": _bin, "leaves": _leaves, "ramp": _ramp, "hole": _hole, "lamp": _lamp, "water": _water, "cone": _cone,
}  # fmt: skip
