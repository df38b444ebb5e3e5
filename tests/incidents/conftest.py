"""Fixtures of tests of incidents."""

from tests.counter import counter
from tests.rule_sets import manager, street

__all__ = ["counter", "manager", "street"]
