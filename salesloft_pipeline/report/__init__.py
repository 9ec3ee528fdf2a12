"""The engagement report: daily, weekly, monthly; for everybody or a team; Markdown, mail and JSON of one model.

serving copy  ->  frames (pandas)  ->  Report  ->  files, mail, Slack  ->  sent once, by ops.report_log
"""

from salesloft_pipeline.report.channels import channels
from salesloft_pipeline.report.edition import NAMES, Edition, Name, edition_of, is_due, is_overdue
from salesloft_pipeline.report.files import write
from salesloft_pipeline.report.frames import ReportError, read
from salesloft_pipeline.report.make import make
from salesloft_pipeline.report.markdown import markdown
from salesloft_pipeline.report.model import Health, Report
from salesloft_pipeline.report.note import tell
from salesloft_pipeline.report.recipients import recipients
from salesloft_pipeline.report.sending import Outcome, deliver

__all__ = [
    "NAMES",
    "Edition",
    "Health",
    "Name",
    "Outcome",
    "Report",
    "ReportError",
    "channels",
    "deliver",
    "edition_of",
    "is_due",
    "is_overdue",
    "make",
    "markdown",
    "read",
    "recipients",
    "tell",
    "write",
]
