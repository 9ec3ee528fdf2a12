"""Questions about the finished mart and the loads behind it that can fail, by subject; `run_checks` asks them.

contract keys ranges sums plausibility words freshness  ->  CHECKS  ->  run_checks  ->  CheckResult
"""

from salesloft_pipeline.transform.checks import contract, freshness, keys, plausibility, ranges, sums, words
from salesloft_pipeline.transform.checks.check import Check, CheckResult, Severity, run_checks

CHECKS = (
    *contract.CHECKS,
    *keys.CHECKS,
    *ranges.CHECKS,
    *sums.CHECKS,
    *plausibility.CHECKS,
    *words.CHECKS,
    *freshness.CHECKS,
)

__all__ = ["CHECKS", "Check", "CheckResult", "Severity", "run_checks"]
