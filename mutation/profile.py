"""A plugin for pytest: hypothesis tries the same examples for every mutant, and does not look for the smallest."""

from hypothesis import Phase, settings

settings.register_profile(
    "mutants",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    phases=[Phase.explicit, Phase.generate],
)
