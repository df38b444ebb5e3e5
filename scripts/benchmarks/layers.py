"""The usual way: a Channels consumer in a group of a channel layer, as its documentation shows it.

Settings and ASGI application of that reference in one: DJANGO_SETTINGS_MODULE=scripts.benchmarks.layers.
"""

import os

from gridmap.settings import *  # noqa: F403

_LAYER = os.environ.get("BENCH_LAYER", "pubsub")
_BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}
# Without a time limit of its own, because redis-py 8 otherwise closes what is silent for five seconds.
_HOST = {"address": os.environ.get("BENCH_REDIS", ""), "socket_timeout": None, "max_connections": 20_000}
CHANNEL_LAYERS = {"default": {"BACKEND": _BACKENDS[_LAYER], "CONFIG": {"hosts": [_HOST]}}}
# It says a line for every event that it drops; the table counts them.
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"channels_redis.core": {"level": "ERROR"}}}
