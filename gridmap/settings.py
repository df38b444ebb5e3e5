"""Settings from the environment. Nothing here is secret: in production the secrets must come from outside."""

import os
import sysconfig
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("GRIDMAP_VAR", BASE_DIR / "var"))
ENVIRONMENT = os.environ.get("GRIDMAP_ENV", "demo")
PRODUCTION = ENVIRONMENT == "production"
DEMO_SECRET = "for-demonstration-only-set-GRIDMAP_SECRET_KEY-in-production"  # noqa: S105  # refused in production
PORT = int(os.environ.get("PORT", "8000"))

# Django takes psycopg 3 without a word as soon as any package brings it; everything here is measured with psycopg2.
if find_spec("psycopg"):
    raise ImproperlyConfigured(
        "psycopg 3 is installed and Django would use it: uninstall it, this project runs on psycopg2"
    )

if ENVIRONMENT not in ("demo", "test", "production"):
    raise ImproperlyConfigured(f"GRIDMAP_ENV is {ENVIRONMENT!r}: set it to demo, test or production")
SECRET_KEY = os.environ.get("GRIDMAP_SECRET_KEY", DEMO_SECRET)
PUBLIC_URL = os.environ.get("GRIDMAP_PUBLIC_URL", f"http://127.0.0.1:{PORT}")
if PRODUCTION and (SECRET_KEY == DEMO_SECRET or len(SECRET_KEY) < 32):
    raise ImproperlyConfigured(
        "GRIDMAP_ENV=production needs GRIDMAP_SECRET_KEY: set it to 32 or more random characters"
    )
if PRODUCTION and not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured(
        "GRIDMAP_ENV=production needs GRIDMAP_PUBLIC_URL: set it to the https:// address people open"
    )

DEBUG = False
_public_host = PUBLIC_URL.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]
ALLOWED_HOSTS = os.environ.get("GRIDMAP_ALLOWED_HOSTS", f"{_public_host},127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_AGE = 12 * 3600  # one long shift
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "channels",
    "ninja",  # serves the pages of /api/docs from here
    "django_tasks",
    "django_tasks_db",
    "gridmap",
    "layers",
    "incidents",
    "patrols",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "gridmap.urls"
WSGI_APPLICATION = "gridmap.wsgi.application"
ASGI_APPLICATION = "gridmap.asgi.application"
HTTP_THREADS = int(os.environ.get("GRIDMAP_HTTP_THREADS", "4"))  # per process; each keeps one database connection

DATABASES = {
    "default": dj_database_url.config(
        default=f"postgres://app@{str((VAR / 'pg' / 'sock').resolve()).replace('/', '%2F')}/gridmap",
        engine="django.contrib.gis.db.backends.postgis",
        conn_max_age=600,
        conn_health_checks=True,  # the database may die at any moment: a request finds that out before it starts
    )
}
REDIS_URL = os.environ.get("REDIS_URL", "")  # set: the doorbell is a Redis publish after commit instead of NOTIFY
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "gridmap.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def _wheel_library(pattern: str) -> str | None:
    """The library inside an installed wheel (its file name carries a hash), None to let Django find the system's."""
    found = next(Path(sysconfig.get_path("platlib")).glob(pattern), None)
    return str(found) if found else None


# One modern GDAL and GEOS for everything: those of pyogrio and shapely, the system's as fall-back.
GDAL_LIBRARY_PATH = _wheel_library("pyogrio.libs/libgdal*.so*")
GEOS_LIBRARY_PATH = _wheel_library("shapely.libs/libgeos_c*.so*")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"  # stored and sent in UTC; the admin shows local time
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = True  # files are served from where they lie: nothing to collect
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[\w-]{8}\."
MEDIA_ROOT = VAR / "media"
SEAL_ROOT = Path(os.environ.get("GRIDMAP_SEAL", VAR / "seal"))  # the certificate that signs archives, and whom to trust
# People by service: off unless somebody turns it on. What opens their values lies in a file, never in the database.
PERSON_DATA = os.environ.get("GRIDMAP_PERSON_DATA", "off").lower() in ("on", "1", "true", "yes")
KEYS_FILE = Path(os.environ.get("GRIDMAP_KEYS", VAR / "keys" / "persons"))
if PRODUCTION and PERSON_DATA and not ("GRIDMAP_KEYS" in os.environ and KEYS_FILE.is_file()):
    raise ImproperlyConfigured(
        "GRIDMAP_PERSON_DATA is on and GRIDMAP_KEYS names no file of keys: set it to one that lies outside of every backup of the"
        " database (`manage.py rotate_keys --make` makes it while GRIDMAP_PERSON_DATA is off)"
    )
LOOKS_DAYS = int(os.environ.get("GRIDMAP_LOOKS_DAYS", "1096"))
if LOOKS_DAYS < 180:
    raise ImproperlyConfigured("GRIDMAP_LOOKS_DAYS: who looked at people is kept for 180 days at least")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
PHOTO_MAX_BYTES = 20_000_000


def _limit(name: str, usual: str) -> tuple[int, int]:
    """(times, seconds) from the environment, written "30/3600"; a stretch is at most a day."""
    text = os.environ.get(f"GRIDMAP_LIMIT_{name}", usual)
    times, _, seconds = text.partition("/")
    if not (times.isdigit() and seconds.isdigit() and int(times) > 0 and 0 < int(seconds) <= 86_400):
        raise ImproperlyConfigured(f"GRIDMAP_LIMIT_{name} is {text!r}: set it to times/seconds, for example {usual}")
    return int(times), int(seconds)


# How often the pages without an account are used. Many phones share one address of a mobile network, hence no less.
PUBLIC_LIMITS = {
    "report.address": _limit("REPORT_ADDRESS", "20/3600"),
    "report.cell": _limit("REPORT_CELL", "120/3600"),
    "photo.address": _limit("PHOTO_ADDRESS", "60/3600"),
    "booking.address": _limit("BOOKING_ADDRESS", "10/86400"),
    "booking.area": _limit("BOOKING_AREA", "60/3600"),
    "lookup.address": _limit("LOOKUP_ADDRESS", "60/900"),  # looks with the right password are not counted
    "lookup.number": _limit("LOOKUP_NUMBER", "8/900"),
    "check.address": _limit("CHECK_ADDRESS", "30/900"),
}
# How many proxies of our own stand before this server and write X-Forwarded-For: the address is what the outermost saw.
PROXIES = int(os.environ.get("GRIDMAP_PROXIES", "1" if PRODUCTION else "0"))


def _networks(usual: str) -> list[IPv4Network | IPv6Network]:
    """Networks from the environment, written "10.1.0.0/16,fd00::/8"."""
    text = os.environ.get("GRIDMAP_HOOK_NETWORKS", usual)
    try:
        return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"GRIDMAP_HOOK_NETWORKS is {text!r} ({error}): set it to networks, for example 10.1.0.0/16"
        ) from error


# Webhooks go to public addresses, and to those of inner networks that are named here. A demo may tell its own machine.
HOOK_NETWORKS = _networks("" if PRODUCTION else "127.0.0.0/8,::1/128")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"httpx": {"level": "WARNING"}},  # it writes whole addresses, and those of receivers may hold a key
}
