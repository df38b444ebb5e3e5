"""Texts that are searched by pairs of characters (`gridmap/grams.py`), in one index however short the words are."""

from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func


class Grams(Func):
    """A text as its pairs of characters; `gridmap_grams` is made by the migration of the register."""

    function = "gridmap_grams"
    output_field = SearchVectorField()


@SearchVectorField.register_lookup
class GramsLookup(models.Lookup[Any]):
    """`search__grams`: a query of `gridmap.grams`, as it is; no parser of a language or locale comes between."""

    lookup_name = "grams"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", (*params, self.rhs)
