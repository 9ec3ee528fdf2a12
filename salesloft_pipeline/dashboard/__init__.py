"""The page people look at: one HTML file out of the serving copy, without a server and without a request.

serving copy  ->  model.read (queries/*.sql)  ->  build (page/*)  ->  <folder>/dashboard.html
"""

from salesloft_pipeline.dashboard.build import DashboardError, build_dashboard

__all__ = ["DashboardError", "build_dashboard"]
