"""Fixtures of tests of incidents."""

from tests.rule_sets import manager, street

__all__ = ["manager", "street"]
