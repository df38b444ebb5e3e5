"""A made-up town, the same for the same seed: `build()` draws it and hands it out in lon/lat."""

from .build import build as build
from .model import STREET as STREET
from .model import Town as Town
from .model import TownArea as TownArea
from .model import TownFeature as TownFeature
