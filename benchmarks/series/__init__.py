"""The longer series: each module is one, and is found like a plugin."""

import sys

from benchmarks.series._series import Series
from resolvers import registry

ALL = registry.scan(sys.modules[__name__], Series, lambda one: (one.name,))
"""Every series by name."""
