"""What people look at: the serving copy of the mart, and the page made of it.

mart.*  ->  publish_serving (check Q28)  ->  engagement_dashboard
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from salesloft_pipeline import transform
from salesloft_pipeline.defs.automation import not_handled
from salesloft_pipeline.defs.patience import patient
from salesloft_pipeline.defs.resources import OWNERS, POOL, SettingsResource

GROUP = "serving"

# With the build, in its run; after a build whose error checks failed, not at all.
MART_WAS_BUILT = (
    not_handled(dg.AutomationCondition.any_deps_updated())
    & dg.AutomationCondition.all_deps_blocking_checks_passed()
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("mart was built")
_TABLES = [
    *(seed.name for seed in transform.SEEDS),
    *(mart.name for mart in transform.MARTS),
    transform.BUILD_INFO,
]


@dg.asset(
    description="The mart for everybody who looks, without personal data: one DuckDB file, and Parquet files.",
    # All tables, also those that are not copied: an error in any of them stops the copy.
    deps=[dg.AssetKey(["mart", name]) for name in _TABLES],
    group_name=GROUP,
    kinds={"duckdb", "parquet"},
    owners=OWNERS,
    pool=POOL,
    automation_condition=MART_WAS_BUILT,
)
def publish_serving(settings: SettingsResource) -> dg.MaterializeResult[Any]:
    """Write the serving copy."""
    from salesloft_pipeline.served import hand_on
    from salesloft_pipeline.transform import serving

    found = settings.load()
    folder = found.serving_folder
    with patient():
        published = serving.publish(settings.warehouse(), folder)
    # The copy last: who takes it takes the newest of all.
    hand_on(found, folder / "parquet", folder / serving.COPY)
    return dg.MaterializeResult(
        metadata={
            "build_id": published.build_id,
            "rows": sum(published.rows.values()),
            "tables": len(published.rows),
            "folder": dg.MetadataValue.path(folder),
        }
    )


@dg.multi_asset_check(
    name="serving_is_the_mart",
    specs=[
        dg.AssetCheckSpec(
            "Q28",
            asset="publish_serving",
            description="The copy opens read-only, is of the mart's build, with as many rows and a comment on each table.",
            blocking=True,
        )
    ],
    pool=POOL,
)
def serving_is_the_mart(settings: SettingsResource) -> Iterator[dg.AssetCheckResult]:
    """Hold the copy against the mart."""
    from salesloft_pipeline.transform import serving

    faults = serving.faults(settings.warehouse(), settings.load().serving_folder)
    yield dg.AssetCheckResult(
        passed=not faults, metadata={"offending_count": len(faults), "first_offending": faults[:10]}
    )


@dg.asset(
    description="One HTML file that shows the serving copy: open it in a browser, no server is needed.",
    deps=[publish_serving],
    group_name=GROUP,
    kinds={"html"},
    owners=OWNERS,
    pool=POOL,
    automation_condition=MART_WAS_BUILT,
)
def engagement_dashboard(settings: SettingsResource) -> dg.MaterializeResult[Any]:
    """Write the page; refuses a copy that is not of the mart's build."""
    from salesloft_pipeline.dashboard import build_dashboard
    from salesloft_pipeline.served import copy_at_hand, hand_on
    from salesloft_pipeline.transform import serving

    found = settings.load()
    with settings.warehouse().transaction() as sql:
        expected = serving.build_id(sql)
    path = build_dashboard(copy_at_hand(found), found.serving_folder, build_id=expected)
    hand_on(found, path)
    return dg.MaterializeResult(
        metadata={
            "build_id": expected,
            "bytes": path.stat().st_size,
            "page": dg.MetadataValue.url(path.resolve().as_uri()),
        }
    )
