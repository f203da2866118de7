"""All settings, in one place.

Development is production with the embedded services: the same middleware, the same guards, real PostgreSQL and
real Redis. What differs is read from the environment (see ``docs/configuration.md``), and nothing weak is accepted
unless ``DEBUG`` or ``DEMO`` says that this is not the real thing.
"""

from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core.logs import EVERY_LINE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- where we are -----------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
DEMO_PASSWORD = "demo-Plaza-2026"  # noqa: S105 printed on the sign-in page of the demo
DEMO_PHONES = [f"199 0000 {number:04d}" for number in range(1, 61)]
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()


def _required(name: str, development_value: str) -> str:
    """The variable, or the development value where DEBUG or DEMO allows one; production refuses to start."""
    value = env.str(name, default="")
    if value:
        return value
    if DEBUG or DEMO:
        return development_value
    raise ImproperlyConfigured(f"Set {name}: see docs/configuration.md")


SECRET_KEY = _required("SECRET_KEY", "insecure-development-key")
if not (DEBUG or DEMO) and (len(SECRET_KEY) < 50 or SECRET_KEY.startswith("insecure") or len(set(SECRET_KEY)) < 10):
    raise ImproperlyConfigured("SECRET_KEY is weak: use at least 50 random characters.")
FIELD_KEYS = Path(_required("FIELD_KEYS", str(DATA_DIR / "keys" / "field_keys.json")))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG or DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="")
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- rooms ------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "config.static.StaticFiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "template_partials",
    "csp",
    "django_structlog",
    "django_prometheus",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "accounts",
    "directory",
    "plaza",
    "suggestions",
    "annual_projects",
    "voting",
    "evaluations",
    "portal",
    "backup",
    "demo_city",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "core.middleware.PolicyMiddleware",
    "voting.middleware.ReceiptMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ROUTE_POLICY = "config.access.ROUTES"
FORM_RENDERER = "core.forms.PlazaFormRenderer"

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
                "django.template.context_processors.i18n",
                "core.context.preferences",
                "accounts.context.inbox",
                "suggestions.context.frame",
            ],
            "builtins": ["core.templatetags.plaza_ui"],
        },
    }
]

# --- PostgreSQL is the only ledger; Redis makes things sooner ---------------------------------------------------

# What serves signs in as a role that owns nothing; migrations and the commands of manage.py as the owner (P24).
PORTAL_DATABASE = env.db_url("DATABASE_URL", default="postgres://plaza@127.0.0.1:5432/plaza")
OWNER_DATABASE = env.db_url("DATABASE_OWNER_URL") if env.str("DATABASE_OWNER_URL", default="") else PORTAL_DATABASE
if any(PORTAL_DATABASE[key] != OWNER_DATABASE[key] for key in ("NAME", "HOST", "PORT")):
    raise ImproperlyConfigured("DATABASE_URL and DATABASE_OWNER_URL must name the same database.")
PORTAL_ROLE = PORTAL_DATABASE["USER"]
# guards are put up at the end of every migrate, as the models have them: migrations hold tables alone and stay quick
PGTRIGGER_MIGRATIONS = False
PGTRIGGER_INSTALL_ON_MIGRATE = True
DATABASES = {
    "default": {
        **(OWNER_DATABASE if env.bool("DATABASE_AS_OWNER", default=False) else PORTAL_DATABASE),
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
    "options",
    "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s "
    # no trigger is ignored, and says so: where this is missing each trigger first fails in a subtransaction of its own
    "-c pgtrigger.ignore={}",
)
WAL_ARCHIVE = env.str("WAL_ARCHIVE", default="")  # where PostgreSQL's archive_command puts its log, if it does
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL.replace("redis+socket://", "unix://"),
        "KEY_PREFIX": "plaza",
    }
}
SESSION_ENGINE = "accounts.sessions"  # in the database alone: no copy elsewhere that outlives a sign-out

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
# the clockwork is part of the code: nobody stops a sweep by a form, and what is late is asked of SQL, not of this file
CELERY_BEAT_SCHEDULER = "celery.beat:PersistentScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "core.tasks.beat", "schedule": 30.0},
    "outbox": {"task": "core.tasks.deliver_outbox", "schedule": 5.0},
    "audit seal": {"task": "core.tasks.seal_audit", "schedule": 60.0},
    "audit head": {"task": "core.tasks.say_audit_head", "schedule": 6 * 3600.0},
    "orphaned files": {"task": "core.tasks.sweep_orphans", "schedule": 24 * 3600.0},
    "old API calls": {"task": "core.tasks.forget_old_calls", "schedule": 3600.0},
    "notifications": {"task": "accounts.tasks.send_notifications", "schedule": 10.0},
    "expired sessions": {"task": "accounts.tasks.clear_sessions", "schedule": 6 * 3600.0},
    "reminders": {"task": "suggestions.tasks.send_reminders", "schedule": 60.0},
    "auto-close": {"task": "suggestions.tasks.close_confirmed_by_silence", "schedule": 300.0},
    "ask-back expiry": {"task": "suggestions.tasks.resume_unanswered", "schedule": 300.0},
    "digests": {"task": "suggestions.tasks.send_digests", "schedule": 600.0},
    "edition phases": {"task": "annual_projects.tasks.advance_phases", "schedule": 30.0},
    "tell voices": {"task": "annual_projects.tasks.tell_voices", "schedule": 60.0},
    "scoring": {"task": "evaluations.tasks.sweep_scoring", "schedule": 60.0},
    "promotion gates": {"task": "evaluations.tasks.record_missing_gates", "schedule": 300.0},
    "late accountability": {"task": "evaluations.tasks.remind_late_cases", "schedule": 600.0},
    "milestones": {"task": "annual_projects.tasks.send_milestone_reminders", "schedule": 300.0},
    "votes": {"task": "voting.tasks.tick", "schedule": 60.0},
}

# --- people -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/me/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"phone", "username"}
ACCOUNT_SIGNUP_FIELDS = ["phone*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 5 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 2
# codes: by phone so few a day that five tries each find one of a million codes in no lifetime, by address so many that
# a village votes; passwords: by account and place together (accounts.adapter), never by a badge number alone
RATES_IN_EARNEST = {
    "request_login_code": "120/m/ip,2400/h/ip,3/m/key,10/h/key,20/d/key",
    "request_known_code": "3/m/key,10/h/key,20/d/key",  # from a browser that signed in with this number before
    "login_failed": "5/300s/key",
    "login": "",
}
RATES_OF_THE_DEMO = {"request_login_code": "600/m/ip,60/m/key", "request_known_code": "60/m/key"}
ACCOUNT_RATE_LIMITS = RATES_IN_EARNEST | (RATES_OF_THE_DEMO if DEMO else {})
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = True
ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = 5
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_ADAPTER = "accounts.adapter.MfaAdapter"
MFA_TOTP_ISSUER = "Police e-Plaza"
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", default=not (DEBUG or DEMO))
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
OIDC_ORIGINS = ["/".join(OIDC_SERVER_URL.split("/", 3)[:3])] if OIDC_SERVER_URL else []
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.str("OIDC_NAME", default="Provincial sign-on"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}
OIDC_BADGE_CLAIM = env.str("OIDC_BADGE_CLAIM", default="badge_number")
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAccountAdapter"
SMS_BACKEND = env.str(
    "SMS_BACKEND", default="accounts.sms.FileBackend" if DEBUG or DEMO else "accounts.sms.AliyunBackend"
)
SMS_FILE = DATA_DIR / "sms.log"
SMS_ENDPOINT = env.str("SMS_ENDPOINT", default="https://dysmsapi.aliyuncs.com")
SMS_ACCESS_KEY_ID = env.str("SMS_ACCESS_KEY_ID", default="")
SMS_ACCESS_KEY_SECRET = env.str("SMS_ACCESS_KEY_SECRET", default="")
SMS_SIGN_NAME = env.str("SMS_SIGN_NAME", default="")
SMS_TEMPLATE_CODE = env.str("SMS_TEMPLATE_CODE", default="")
SMS_TEMPLATE_NOTICE = env.str("SMS_TEMPLATE_NOTICE", default="")
IDENTITY_VERIFIER = env.str(
    "IDENTITY_VERIFIER",
    default="accounts.identity.FormatOnlyVerifier" if DEBUG or DEMO else "accounts.identity.ServiceVerifier",
)
IDENTITY_URL = env.str("IDENTITY_URL", default="")
IDENTITY_TOKEN = env.str("IDENTITY_TOKEN", default="")
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://" if DEBUG or DEMO else "smtp://localhost:25")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="plaza@localhost")

# --- words and time ---------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")

# --- files ------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(DATA_DIR / "media")))
MEDIA_URL = "/media/"  # never served directly: attachments go through a view that asks the policy
STORAGES = {
    "default": {"BACKEND": "core.storage.WholeFileStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["jpg", "jpeg", "png", "gif", "webp", "gz", "br", "woff", "woff2", "map"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["core.uploads.InMemory", "core.uploads.OnDisk"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024  # every citizen's form: a full disk must not cost the words
FILE_UPLOAD_PERMISSIONS = 0o640

# --- guards -----------------------------------------------------------------------------------------------------

HTTPS_ONLY = env.bool("HTTPS_ONLY", default=not (DEBUG or DEMO))
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF, *OIDC_ORIGINS],  # browsers follow it through the redirect to the issuer
        "frame-ancestors": [NONE],
    },
    "EXCLUDE_URL_PREFIXES": ["/admin/", "/api/docs/"],
}

# what anybody may read, a page of anybody's may read: without cookies, and nothing else
CORS_ALLOW_ALL_ORIGINS = True
CORS_URLS_REGEX = r"^/(open/|annual/\d+/proofs/|api/open311/v2/|api/v1/(?!desk/|suggestions/track/))"
CORS_ALLOW_METHODS = ("GET", "HEAD", "OPTIONS")
CORS_ALLOW_HEADERS = ("accept", "accept-language")

# --- API --------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.PolicyPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.ShallowJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_PAGINATION_CLASS": "core.api.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.PlazaSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.api.ScopedThrottle"],
    "DEFAULT_THROTTLE_RATES": {"submit": "600/hour", "track": "1200/hour", "read": "1200/hour"},
    "EXCEPTION_HANDLER": "core.api.problem_response",
    "PAGE_SIZE": 25,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Police e-Plaza API",
    "DESCRIPTION": "Listen, handle, answer: the same services as the pages, for programs.",
    "VERSION": "1.0.0",
    "SCHEMA_PATH_PREFIX": r"/api/(v1|open311/v2)",
    "ENUM_NAME_OVERRIDES": {  # the same field name with another set of values needs a name of its own
        "AreaLevel": "directory.models.Area.Level",
        "UnitKind": "directory.models.Unit.Kind",
        "RatingLevel": "suggestions.states.RATING_LEVELS",
        "CaseState": "suggestions.states.State",
        "BatchState": "evaluations.states.BatchState",
        "ReplyKind": "suggestions.states.ReplyKind",
        "ReplyState": "suggestions.states.ReplyState",
        "ExtensionState": "suggestions.states.ExtensionState",
    },
    "COMPONENT_SPLIT_REQUEST": True,  # or a file to send would be described as the address of one
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["core.api.PolicyPermission"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- logs: structured, and never a person's words, names or numbers ----------------------------------------------

DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""  # who opened whose case is told by the ledger, and only to its readers
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": EVERY_LINE,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
        },
        "plain": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": EVERY_LINE,
            # plain: a traceback that prints local values would print who complained
            "processor": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": env.str("LOG_FORMAT", default="plain")}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"pgtrigger": {"level": "WARNING"}},  # hundreds of guards are put up at every migrate
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        *EVERY_LINE,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

UNFOLD = {
    "SITE_TITLE": _("Police e-Plaza"),
    "SITE_HEADER": _("Back office"),
    "COLORS": {  # lake blue, as everywhere
        "primary": {
            "50": "#f1f7fa",
            "100": "#dceaf1",
            "200": "#bbd6e3",
            "300": "#8fbdd2",
            "400": "#5b9fbd",
            "500": "#33809f",
            "600": "#11597c",
            "700": "#0e4d6c",
            "800": "#0b4460",
            "900": "#083349",
            "950": "#05212f",
        }
    },
}
