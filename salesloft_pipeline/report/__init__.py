"""The engagement report: daily, weekly, monthly; for everybody or a team; Markdown, mail and JSON of one model.

serving copy  ->  frames (pandas)  ->  Report  ->  files, mail, Slack  ->  sent once, by ops.report_log
"""
