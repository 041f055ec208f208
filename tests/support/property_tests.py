"""A pytest plugin: property tests say what comes out, whatever time that takes; benchmarks measure time."""

from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
