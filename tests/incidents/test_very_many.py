"""What the bench fills a database with is what the product would have made: its figures agree with themselves."""

from datetime import date

from incidents.models import Incident
from incidents.workflow import OPEN
from scripts.benchmarks import million
from tests.incidents.test_sums import counted_in


def test_the_cases_of_the_bench_can_be_counted(db: None) -> None:
    people = million.make_town()
    million.fill(200)
    assert Incident.objects.filter(state__in=OPEN).count() == 10
    year = (date(2024, 1, 1), date(2026, 12, 31))
    for who in (people.director, people.district):
        assert counted_in(who, "", *year, summed=True) == counted_in(who, "", *year, summed=False)
