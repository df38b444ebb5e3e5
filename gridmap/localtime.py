"""The time zone in which everything here is read and written. Pure."""

from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
