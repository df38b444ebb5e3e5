"""Fixtures of tests of incidents."""

from tests.counter import counter
from tests.departments import boss, transactional_boss, transactional_town
from tests.rule_sets import manager, street

__all__ = ["boss", "counter", "manager", "street", "transactional_boss", "transactional_town"]
