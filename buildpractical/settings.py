"""Every setting, read once from the environment. Code reads django.conf.settings.

Names end in their unit. PRODUCTION=1 asks for real secrets, HTTPS and PostgreSQL roles; without it the
embedded default (SQLite, local files, console mail) needs no setting at all.
"""

import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from buildpractical import storage_settings
from buildpractical.account_settings import *  # noqa: F403  people and sessions
from buildpractical.env import (
    PRODUCTION,
    TESTING,
    env_bool,
    env_float,
    env_int,
    env_list,
    env_secret,
    env_str,
)
from buildpractical.model_settings import *  # noqa: F403  the agents' part of the settings

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = env_bool("DEBUG", False) and not PRODUCTION
DATA_DIR = Path(env_str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
SECRETS_DIR = DATA_DIR / "secrets"
PORT = env_int("PORT", 8000)
HOST = env_str("HOST", "127.0.0.1")
SITE_URL = env_str("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")

SECRET_KEY = env_secret("SECRET_KEY", None if PRODUCTION else SECRETS_DIR)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

# --- applications -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "features",
    "chat",
    "agents",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "django_htmx",
    "django_q",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "buildpractical.lib.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "buildpractical.lib.middleware.static",
    "buildpractical.lib.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.LoginRedirectMiddleware",
    "accounts.middleware.TenancyMiddleware",
    "accounts.middleware.LimitsMiddleware",
]

ROOT_URLCONF = "buildpractical.urls"
ASGI_APPLICATION = "buildpractical.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.shell",
            ],
            "builtins": ["buildpractical.lib.ui"],
        },
    }
]

# --- databases (jobs.md §7, §8) ---------------------------------------------------------------------------

DATABASE_ENGINE = env_str("DATABASE_ENGINE", "sqlite")  # or "postgresql"
DATABASE_ROLE = env_str("DATABASE_ROLE", "app")  # or "ops": migrate, supervisor, operators' commands

if DATABASE_ENGINE == "sqlite":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "db.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; "
                    "PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-20000;"
                ),
            },
            "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
        }
    }
    OPS_DB = "default"
elif DATABASE_ENGINE == "postgresql":

    def _postgresql(role, alias):
        return {
            "ENGINE": "buildpractical.lib.rls",
            "NAME": env_str("DATABASE_NAME", "buildpractical"),
            "HOST": env_str("DATABASE_HOST", "127.0.0.1"),
            "PORT": env_str("DATABASE_PORT", "5432"),
            "USER": f"bp_{role}",
            "PASSWORD": env_str(f"DATABASE_{role.upper()}_PASSWORD", ""),
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
            # Views that are exempt (streams, answers, key check) are exempt for this alias alone.
            "ATOMIC_REQUESTS": alias == "default",
            "OPTIONS": {} if TESTING else {"pool": {"min_size": 1, "max_size": env_int("DATABASE_POOL", 8)}},
        }

    DATABASES = {"default": _postgresql(DATABASE_ROLE, "default"), "ops": _postgresql("ops", "ops")}
    OPS_DB = "ops"
    if TESTING:
        del DATABASES["ops"]
        OPS_DB = "default"
        DATABASES["default"]["TEST"] = {"NAME": "test_buildpractical" + env_str("TEST_DB_SUFFIX", "")}
else:
    raise ImproperlyConfigured(f"DATABASE_ENGINE must be sqlite or postgresql, not {DATABASE_ENGINE!r}")

BP_VAULT_DB = OPS_DB  # PostgreSQL: bp_app may not read SealedValue.blob

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"},
    # django-q2 writes its statistics twice a second; nobody reads them.
    "queue": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# --- files ------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env_str("STATIC_ROOT", str(DATA_DIR / "static")))
SERVESTATIC_USE_FINDERS = not PRODUCTION
SERVESTATIC_AUTOREFRESH = DEBUG

ARTIFACTS_BUCKET = env_str("ARTIFACTS_BUCKET", "")
ARTIFACTS_DIR = DATA_DIR / "artifacts"
_artifacts = (
    storage_settings.bucket(
        ARTIFACTS_BUCKET,
        endpoint_url=env_str("ARTIFACTS_ENDPOINT_URL", ""),
        region=env_str("ARTIFACTS_REGION", ""),
        access_key=env_str("ARTIFACTS_ACCESS_KEY", ""),
        secret_key=env_str("ARTIFACTS_SECRET_KEY", ""),
    )
    if ARTIFACTS_BUCKET
    else storage_settings.folder(ARTIFACTS_DIR)
)
# Links to single files lead to the bucket itself; people's browsers must then reach its address.
ARTIFACTS_DIRECT_LINKS = env_bool("ARTIFACTS_DIRECT_LINKS", False)
FILE_LINK_SECONDS = env_int("FILE_LINK_SECONDS", 300)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "artifacts": _artifacts,
    "staticfiles": {
        "BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- headers (security.md §5) -----------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
# No local variable and no submitted value in any error report.
DEFAULT_EXCEPTION_REPORTER = "buildpractical.lib.reports.QuietReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "buildpractical.lib.reports.QuietFilter"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- the vault (security.md §3) ---------------------------------------------------------------------------

VAULT_RING_DIR = env_str("BP_VAULT_RING_DIR", "" if PRODUCTION else str(SECRETS_DIR / "vault"))
VAULT_RING_JSON = env_str("BP_VAULT_RING", "")
VAULT_PRIMARY = env_str("BP_VAULT_PRIMARY", "")

# --- the engine (jobs.md) ---------------------------------------------------------------------------------

PIPELINE_STEPS = {
    "spec_generating": "agents.steps.spec.run_spec",
    "plan_generating": "agents.steps.plan.run_plan",
    "tests_generating": "agents.steps.tests.run_tests",
    "implementing": "agents.steps.implement.run_implement",
    "review": "agents.steps.review.run_review",
}
CHAT_REPLY_SOURCE = "agents.conversation.reply"
CHAT_AFTER_REPLY = "agents.conversation.after_reply"
BRIEF_EDITOR = "agents.briefs.edited"
RUN_SWEEPER = "agents.actions.lose_abandoned_runs"

LEASE_SECONDS = env_int("LEASE_SECONDS", 60)
HINT_SECONDS = env_int("HINT_SECONDS", 60)
WATCHDOG_SECONDS = env_int("WATCHDOG_SECONDS", 30)
SWEEP_SECONDS = env_float("SWEEP_SECONDS", 5)
STUCK_SECONDS = env_int("STUCK_SECONDS", 600)
STEP_SECONDS = env_int("STEP_SECONDS", 3600)
STEP_MAX_ATTEMPTS = env_int("STEP_MAX_ATTEMPTS", 3)
STEP_MAX_REQUEUES = env_int("STEP_MAX_REQUEUES", 4)
STEP_RETRY_SECONDS = (5, 20, 60, 180)
REQUEUE_SPREAD_SECONDS = 20
SETTLED_SECONDS = 60  # a process that ran so long is started again without an extra wait
STEP_THREADS = env_int("STEP_THREADS", 50 if PRODUCTION else 8)
STOP_GRACE_SECONDS = env_int("STOP_GRACE_SECONDS", 120 if PRODUCTION else 8)

Q_CLUSTER = {
    "name": "bp",
    "orm": "default",
    "workers": env_int("WORKERS", 4 if PRODUCTION else 2),
    "queue_limit": 1,
    "bulk": 1,
    "poll": env_float("QUEUE_POLL_SECONDS", 0.05),
    "timeout": STEP_SECONDS,
    "retry": 3 * STEP_SECONDS + 300,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 2000,
    "guard_cycle": 0.5,
    "label": "Queue",
    "cache": "queue",
}
# The worker runs functions of these modules only, whatever a queue or schedule row names.
QUEUE_MODULES = ["features.tasks", *(["tests"] if TESTING else [])]
# name → dotted function, minutes between runs; `sync_schedules` makes the table equal to this.
PERIODIC_TASKS = {
    "recover stuck features": ("features.tasks.recover_stuck", 15),
    "send mail": ("features.tasks.send_mail", 1),
    "prune events and queue failures": ("features.tasks.prune", 24 * 60),
}
EVENT_DAYS = env_int("EVENT_DAYS", 90)

# --- chat and streams (web.md §2, §3) ---------------------------------------------------------------------

MESSAGE_MAX_CHARS = 20_000
REPLY_FLUSH_SECONDS = 0.5
REPLY_LEASE_SECONDS = 30
REPLY_SWEEP_SECONDS = 15
REPLY_GRACE_SECONDS = 5
CHAT_RUN_GRACE_SECONDS = 60  # a chat's call older than its deadline by this much has no process any more
REPLIES_PER_USER = env_int("REPLIES_PER_USER", 3)
BA_MAX_QUESTIONS = 12
HUB_POLL_SECONDS = env_float("HUB_POLL_SECONDS", 0.2)
STREAMS_PER_USER = 10
STREAM_CHECK_SECONDS = 15

# --- limits of a person (accounts/limits.py, ADR 18) --------------------------------------------------------

DATA_REQUESTS_PER_MINUTE = env_int("DATA_REQUESTS_PER_MINUTE", 100)
BUILDS_PER_HOUR = env_int("BUILDS_PER_HOUR", 10)
BUILDS_AT_ONCE = env_int("BUILDS_AT_ONCE", 5)
MESSAGES_PER_HOUR = env_int("MESSAGES_PER_HOUR", 60)

# --- models and prices (llm.md §8): USD per million tokens --------------------------------------------------

ANTHROPIC_BASE_URL = env_str("ANTHROPIC_BASE_URL", "https://api.anthropic.com").rstrip("/")
SIMULATOR_PORT = env_int("SIMULATOR_PORT", 0)  # 0: PORT + 1
SIMULATOR_URL = env_str("SIMULATOR_URL", f"http://127.0.0.1:{SIMULATOR_PORT or PORT + 1}").rstrip("/")
DEMO_ENABLED = env_bool("DEMO_ENABLED", True)
FEATURE_SPEND_CAP_MICROUSD = env_int("FEATURE_SPEND_CAP_MICROUSD", 10_000_000)

# --- language, time, log ----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "buildpractical.lib.logs.MaskFilter"}},
    "formatters": {"json": {"()": "buildpractical.lib.logs.JsonFormatter"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": sys.stdout if PRODUCTION else sys.stderr,
            "filters": ["mask"],
            "formatter": "json",
        }
    },
    "root": {"handlers": ["stdout"], "level": env_str("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # Their DEBUG and INFO lines carry prompts and addresses.
        "anthropic": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
        "boto3": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
    },
}

if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the address of the site")
