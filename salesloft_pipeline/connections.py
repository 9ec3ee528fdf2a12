"""From settings to the two outside systems: SalesLoft's API and the warehouse. Neither is contacted yet."""

from __future__ import annotations

from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import SalesloftClient, connect
from salesloft_pipeline.settings import Settings, SettingsError
from salesloft_pipeline.warehouse import Warehouse


def salesloft(settings: Settings) -> SalesloftClient:
    """SalesLoft's API with a budget of its own. Raises SettingsError for a missing or unusable key."""
    budget = Budget(settings.salesloft_cost_per_minute, settings.salesloft_budget_share)
    try:
        return connect(settings.salesloft_api_url, ApiKey(settings.required_api_key()), budget)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def warehouse(settings: Settings) -> Warehouse:
    """The warehouse that WAREHOUSE_URL names."""
    return Warehouse(settings.warehouse_url)
