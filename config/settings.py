"""All settings of Roster. What differs between machines is named, typed and defaulted here."""

from pathlib import Path

import environ
from whitenoise.compress import Compressor

from config import broker, data_folder, embedded, environment, logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environment.Env(
    ROSTER_DATA_DIR=(str, str(BASE_DIR / "var")),
    ROSTER_ENV=(str, "demo"),
    SECRET_KEY=(str, ""),
    ROSTER_SECRET_KEYS=(str, ""),
    DEBUG=(bool, False),
    ALLOWED_HOSTS=(list, ["localhost", "127.0.0.1", "[::1]"]),
    CSRF_TRUSTED_ORIGINS=(list, []),
    DATABASE_URL=(str, ""),
    CELERY_BROKER_URL=(str, ""),
    ROSTER_URL=(str, ""),
    ROSTER_HTTPS=(bool, False),
    ROSTER_TRUSTED_PROXIES=(int, 0),
    UPLOAD_MAX_BYTES=(int, 50 * 1024 * 1024),
    REQUEST_MAX_BYTES=(int, 200 * 1024 * 1024),
    ALLOW_PRIVATE_NETWORKS=(bool, False),
    EMAIL_URL=(str, "consolemail://"),
    ROSTER_EMAIL_FROM=(str, "Roster <roster@localhost>"),
    LOG_LEVEL=(str, "INFO"),
    LOG_FORMAT=(str, "text"),
    ROSTER_WEB_PROCESSES=(int, 1),
    ROSTER_WEB_THREADS=(int, 64),
    ROSTER_RUN_THREADS=(int, 16),
    ROSTER_KNOWLEDGE_PROCESSES=(int, 2),
)
environment.require(env)

# ── This machine ──────────────────────────────────────────────────────────────────────────────

DATA_DIR = Path(env("ROSTER_DATA_DIR")).expanduser().resolve()
# "demo" is the embedded install; "production" demands every secret and forbids samples.
ROSTER_ENV = env("ROSTER_ENV")
SECRETS = data_folder.stored_secrets(DATA_DIR)
SECRET_KEY = env("SECRET_KEY") or SECRETS.get("SECRET_KEY", "")
# Newest first, "id:base64 of 32 bytes" joined by commas; the first seals, all of them open.
SECRET_KEYS = env("ROSTER_SECRET_KEYS") or SECRETS.get("ROSTER_SECRET_KEYS", "")
HAS_SECRET_KEY = bool(SECRET_KEY)
HAS_SECRETS = bool(SECRET_KEY and SECRET_KEYS)
DEBUG = env("DEBUG")
ALLOWED_HOSTS = env("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env("CSRF_TRUSTED_ORIGINS")
# Where people reach Roster, for links in mails; without it the checked host of the request.
ROSTER_URL = env("ROSTER_URL").rstrip("/")
UPLOAD_MAX_BYTES = env("UPLOAD_MAX_BYTES")
# A whole request with all of its files.
REQUEST_MAX_BYTES = env("REQUEST_MAX_BYTES")
ALLOW_PRIVATE_NETWORKS = env("ALLOW_PRIVATE_NETWORKS")
TRUSTED_PROXIES = env("ROSTER_TRUSTED_PROXIES")

# ── Applications ──────────────────────────────────────────────────────────────────────────────

INSTALLED_APPS = [
    "config",
    "agents.runs",
    "agents",
    "personas",
    "tools",
    "knowledge",
    "tenants",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "ninja",
    "template_partials",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.middleware.room",
    "config.middleware.request_id",
    "config.middleware.probes",
    "config.middleware.body_limit",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.middleware.own_time_zone",
    "config.middleware.viewing_changes_nothing",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.private_pages",
    "config.middleware.rate_headers",
    "config.middleware.wrong_methods",
    "config.middleware.last_seen",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    # Last: it sees the answer as the operation made it.
    "tenants.idempotency.keep_answers",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

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
                "tenants.context.frame",
                "tenants.context.viewing",
            ],
        },
    },
]

# ── Database and background work ──────────────────────────────────────────────────────────────

IS_EMBEDDED = not env("DATABASE_URL")
DATABASE_URL = env("DATABASE_URL") or embedded.database_url(DATA_DIR)
_database = environ.Env.db_url_config(DATABASE_URL)
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Of what is executed by `tenants.prepared`; Django's own queries never are.
        "OPTIONS": {"prepare_threshold": 1, **_database.get("OPTIONS", {})},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env("CELERY_BROKER_URL") or broker.url_beside(DATABASE_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = broker.transport_options(CELERY_BROKER_URL)
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_POOL_LIMIT = 4
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "runs"
CELERY_TASK_PUBLISH_RETRY = False  # the job's row is written; the reconciler announces it again
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_000_000  # KiB
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "reconcile-jobs": {
        "task": "tenants.reconcile_jobs",
        "schedule": 15.0,
        "options": {"queue": "runs", "expires": 15.0},
    },
    "forget-attempts": {
        "task": "tenants.forget_attempts",
        "schedule": 3600.0,
        "options": {"queue": "runs", "expires": 3600.0},
    },
    "end-interrupted-runs": {
        "task": "runs.end_interrupted_runs",
        "schedule": 15.0,
        "options": {"queue": "runs", "expires": 15.0},
    },
    "purge-kept-answers": {
        "task": "tenants.purge_kept_answers",
        "schedule": 3600.0,
        "options": {"queue": "runs", "expires": 3600.0},
    },
    "count-tenants": {
        "task": "config.count_tenants",
        "schedule": 300.0,
        "options": {"queue": "knowledge", "expires": 300.0},
    },
    "apply-retention": {
        "task": "tenants.apply_retention",
        "schedule": 3600.0,
        "options": {"queue": "knowledge", "expires": 3600.0},
    },
    "settle-terms": {
        "task": "knowledge.settle_terms",
        "schedule": 60.0,
        "options": {"queue": "knowledge", "expires": 60.0},
    },
}
WORKER_CONCURRENCY = {
    "runs": env("ROSTER_RUN_THREADS"),
    "knowledge": env("ROSTER_KNOWLEDGE_PROCESSES"),
}
WEB_PROCESSES = env("ROSTER_WEB_PROCESSES")
WEB_THREADS = env("ROSTER_WEB_THREADS")

# ── People ────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "tenants.sign_in.PasswordBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_USERNAME_CALLABLE = "tenants.attempts.address_of"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# A lock ends when its page says so, whatever is tried meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "tenants.views.account.locked_out"
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "tenants.attempts.machine_of"
# Accounts are made by invitation, by a tenant's own sign-in, or by the operator's commands.
ACCOUNT_ADAPTER = "tenants.views.account_adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "tenants.account_forms.SignInForm",
    "add_email": "tenants.account_forms.EmailForm",
    "change_password": "tenants.account_forms.PasswordForm",
    "set_password": "tenants.account_forms.FirstPasswordForm",
    "reset_password": "tenants.account_forms.ResetRequestForm",
    "reset_password_from_key": "tenants.account_forms.ResetForm",
    "reauthenticate": "tenants.account_forms.ConfirmPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Nobody signs up, so there is nothing to prove before the first sign-in; a change is proved.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/accounts/e-mail/"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Counted in this process's memory alone; tenants.attempts and axes count in the database.
ACCOUNT_RATE_LIMITS = False
PASSWORD_RESET_TIMEOUT = 3600
MFA_ADAPTER = "tenants.views.factor_adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "tenants.factor_forms.CodeForm",
    "reauthenticate": "tenants.factor_forms.ConfirmCodeForm",
    "activate_totp": "tenants.factor_forms.AppForm",
    "login_webauthn": "tenants.factor_forms.PasskeySignInForm",
    "authenticate_webauthn": "tenants.factor_forms.PasskeyStepForm",
    "reauthenticate_webauthn": "tenants.factor_forms.PasskeyConfirmForm",
    "add_webauthn": "tenants.factor_forms.PasskeyForm",
    "edit_webauthn": "tenants.factor_forms.PasskeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Roster"
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = False
MFA_RECOVERY_CODES_SHOW_ONCE = True
# An organisation can require a second factor where no mail server verifies any address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
SOCIALACCOUNT_ADAPTER = "tenants.views.provider_adapter.ProviderAdapter"
SOCIALACCOUNT_STORE_TOKENS = False

# ── Security headers ──────────────────────────────────────────────────────────────────────────

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = env("ROSTER_HTTPS") or ROSTER_ENV == "production"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None
SESSION_ENGINE = "tenants.sessions"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
# Rights are asked of tenants.access, never of user.has_perm, so guardian needs no backend.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# ── Files ─────────────────────────────────────────────────────────────────────────────────────

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Pages name files by their content only; maps of sources are for who opens a browser's tools.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 50
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# ── Language, time, mail ──────────────────────────────────────────────────────────────────────

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
vars().update(environ.Env.email_url_config(env("EMAIL_URL")))
DEFAULT_FROM_EMAIL = env("ROSTER_EMAIL_FROM")
EMAIL_TIMEOUT = 10

# ── Log ───────────────────────────────────────────────────────────────────────────────────────

LOGGING = logs.configuration(env("LOG_LEVEL"), as_json=env("LOG_FORMAT") == "json")
