"""When what follows a change is due.

change of a dependency  ->  not_handled(change)  ->  condition of the asset that follows
"""

from typing import Any

import dagster as dg


def not_handled(change: dg.AutomationCondition[Any]) -> dg.AutomationCondition[Any]:
    """True from a change until the asset is asked for, or is made while nothing changes.

    Dagster's `since_last_handled` forgets a change that it sees in the same look as the asset being made, whichever
    came first. What falls together is handled once more: better once too often than not at all.
    """
    made = ~change & dg.AutomationCondition.newly_updated()
    return change.since(
        dg.AutomationCondition.newly_requested() | dg.AutomationCondition.initial_evaluation() | made
    )
