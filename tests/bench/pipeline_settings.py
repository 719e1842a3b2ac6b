"""The product's settings with the seven instant steps."""

from buildpractical.settings import *  # noqa: F403
from buildpractical.settings import PIPELINE_STEPS

PIPELINE_STEPS = dict.fromkeys(PIPELINE_STEPS, "tests.bench.instant_pipeline.run")
