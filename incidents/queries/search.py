"""What a person types into the search: words of the case, its number, its class in characters, pinyin, initials or English."""

from django.db.models import Q

from gridmap import grams
from incidents.models import IncidentClass


def said(text: str) -> Q:
    """The cases in which every word was said (address, description, timeline), or whose number or class it names.

    Never a person. One GIN index answers it whole, however short the words: the classes, few hundred, are looked up first.
    """
    words = grams.words(text)
    if not words:
        return Q(pk__in=[])
    return Q(search__grams=" & ".join(grams.query(word, _classes(word)) for word in words))


def _classes(word: str) -> list[int]:
    named = (
        Q(name__icontains=word) | Q(pinyin__icontains=word) | Q(initials__istartswith=word) | Q(name_en__icontains=word)
    )
    return list(IncidentClass.objects.filter(named).order_by("pk").values_list("pk", flat=True))
