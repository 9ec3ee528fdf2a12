"""From settings to the outside systems: SalesLoft's API, the warehouse, the landing. None is contacted yet.

Who we are to SalesLoft is decided here, in this order:

    SALESLOFT_API_KEY                            the key
    SALESLOFT_OAUTH_CLIENT_ID, _CLIENT_SECRET    the app, by the tokens in SALESLOFT_OAUTH_TOKEN_FILE;
                                                 without such a file, the app for itself
"""

from __future__ import annotations

from salesloft_pipeline.landing import Landing
from salesloft_pipeline.salesloft.auth import ApiKey, OAuth, TokenMemory
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import SalesloftClient, connect
from salesloft_pipeline.salesloft.oauth import OAuthApp
from salesloft_pipeline.settings import Settings, SettingsError
from salesloft_pipeline.token_file import TokenFile
from salesloft_pipeline.warehouse import Warehouse


def salesloft(settings: Settings) -> SalesloftClient:
    """SalesLoft's API with a budget of its own. Raises SettingsError for missing or unusable credentials."""
    budget = Budget(settings.salesloft_cost_per_minute, settings.salesloft_budget_share)
    try:
        return connect(settings.salesloft_api_url, _auth(settings), budget)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _auth(settings: Settings) -> ApiKey | OAuth:
    if settings.salesloft_api_key:
        return ApiKey(settings.salesloft_api_key.get_secret_value())
    if not settings.has_credentials:
        raise SettingsError(
            "SALESLOFT_API_KEY is not set, nor are SALESLOFT_OAUTH_CLIENT_ID and SALESLOFT_OAUTH_CLIENT_SECRET: put "
            "your API key or your OAuth app into .env, or try everything without an account by "
            "`salesloft-pipeline demo`"
        )
    app = oauth_app(settings)
    if settings.salesloft_oauth_token_file:
        return OAuth(token_file(settings), app.refresh)
    scopes = settings.salesloft_oauth_scopes
    return OAuth(TokenMemory(), lambda _: app.client_credentials(scopes))


def oauth_app(settings: Settings) -> OAuthApp:
    """The registered OAuth app. Raises SettingsError that names what is missing of it."""
    client_id, secret = settings.salesloft_oauth_client_id, settings.salesloft_oauth_client_secret
    if not client_id or not secret:
        missing = "SALESLOFT_OAUTH_CLIENT_SECRET" if client_id else "SALESLOFT_OAUTH_CLIENT_ID"
        raise SettingsError(
            f"{missing} is not set: copy it from your OAuth application in SalesLoft into .env"
        )
    return OAuthApp(settings.salesloft_oauth_url, client_id, secret.get_secret_value())


def token_file(settings: Settings) -> TokenFile:
    """The file of the app's tokens. Raises SettingsError where none is named."""
    if settings.salesloft_oauth_token_file is None:
        raise SettingsError(
            "SALESLOFT_OAUTH_TOKEN_FILE is not set: name a file to keep tokens in, such as data/salesloft_tokens.json"
        )
    return TokenFile(settings.salesloft_oauth_token_file)


def warehouse(settings: Settings) -> Warehouse:
    """The warehouse that WAREHOUSE_URL names."""
    return Warehouse(settings.warehouse_url)


def landing(settings: Settings) -> Landing:
    """The landing of webhook deliveries that LANDING_URL names."""
    return Landing(settings.landing_url)
