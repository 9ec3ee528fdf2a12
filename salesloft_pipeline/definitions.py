"""Dagster's entry: everything that the UI, the daemon and the command line see.

Importing this reads no environment, no file of the user's and no network.
"""

from __future__ import annotations

import dagster as dg

from salesloft_pipeline.defs.backlog import backlog_sensor_for
from salesloft_pipeline.defs.drift import drift_job, drift_schedule, schema_drift
from salesloft_pipeline.defs.failures import failure_sensor
from salesloft_pipeline.defs.ingest import (
    salesloft_sync,
    snapshot_job,
    snapshot_schedule,
    sync_job,
    sync_schedule,
)
from salesloft_pipeline.defs.reconcile import reconcile, reconcile_job, reconcile_schedule
from salesloft_pipeline.defs.report import engagement_report, report_job, report_schedule
from salesloft_pipeline.defs.reread import lately_job, lately_schedules, month_job
from salesloft_pipeline.defs.resources import API, RESOURCES
from salesloft_pipeline.defs.reverse_sync import people_push_job, reverse_sync_apply, reverse_sync_plan
from salesloft_pipeline.defs.serving import engagement_dashboard, publish_serving, serving_is_the_mart
from salesloft_pipeline.defs.sweep import sweep_job, sweep_schedule
from salesloft_pipeline.defs.transform import (
    automation_sensor,
    comparison_job,
    comparison_schedule,
    load_checks,
    load_checks_job,
    load_checks_schedule,
    mart_build,
)
from salesloft_pipeline.defs.webhooks import (
    flow_job,
    retention_job,
    webhook_ingest,
    webhook_job,
    webhook_landing_sensor,
    webhook_schedules,
    webhooks_flow,
)

main_job = dg.define_asset_job(
    "main_job",
    selection=dg.AssetSelection.assets(
        salesloft_sync, webhook_ingest, mart_build, publish_serving, engagement_dashboard, engagement_report
    )
    | dg.AssetSelection.checks(load_checks, schema_drift),
    description="Everything once: reads SalesLoft, builds the mart, asks all checks, shows it.",
    tags=API,
)

defs = dg.Definitions(
    assets=[
        *(
            salesloft_sync,
            webhook_ingest,
            mart_build,
            publish_serving,
            engagement_dashboard,
            engagement_report,
        ),
        *(reverse_sync_plan, reverse_sync_apply),
    ],
    asset_checks=[load_checks, schema_drift, reconcile, webhooks_flow, serving_is_the_mart],
    jobs=[
        main_job,
        sync_job,
        snapshot_job,
        sweep_job,
        lately_job,
        month_job,
        reconcile_job,
        load_checks_job,
        report_job,
        comparison_job,
        drift_job,
        people_push_job,
        webhook_job,
        flow_job,
        retention_job,
    ],
    schedules=[
        sync_schedule,
        snapshot_schedule,
        sweep_schedule,
        *lately_schedules,
        reconcile_schedule,
        load_checks_schedule,
        report_schedule,
        comparison_schedule,
        drift_schedule,
        *webhook_schedules,
    ],
    sensors=[
        automation_sensor,
        backlog_sensor_for([sync_job, snapshot_job, sweep_job]),
        webhook_landing_sensor,
        failure_sensor,
    ],
    resources=RESOURCES,
    # One process for all steps of a run: DuckDB takes one writer, and a step pays no import of its own.
    executor=dg.in_process_executor,
)
