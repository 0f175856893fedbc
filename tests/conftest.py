"""Settings of the tests that draw examples: the same ones in every run."""

from hypothesis import settings

# A failure can then be repeated anywhere. For others: pytest --hypothesis-profile=default.
settings.register_profile("course", derandomize=True)
settings.load_profile("course")
