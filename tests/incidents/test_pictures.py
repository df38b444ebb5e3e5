"""Drawn pictures: one for every class, the same each time, and photos by the rules for photos."""

import pytest

from incidents import photos, pictures, story_texts


@pytest.mark.parametrize("code", story_texts.SCENES)
def test_every_class_that_is_told_of_has_a_picture(code: str) -> None:
    scene, kind, variant = pictures.name(code, "before", 7).split("/")
    assert scene in pictures.SCENES
    assert (kind, variant) == ("before", "1")


@pytest.mark.parametrize("scene", pictures.SCENES)
def test_a_picture_is_a_clean_photo_and_shows_that_something_is_wrong(scene: str) -> None:
    before, after = pictures.draw(f"{scene}/before/0"), pictures.draw(f"{scene}/after/0")
    assert pictures.draw(f"{scene}/before/0") == before
    assert before != after
    taken = photos.clean(before)
    assert (taken.width, taken.height) == pictures.SIZE
    assert len(taken.jpeg) < 200_000
