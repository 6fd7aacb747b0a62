"""What breaks each rule of csa check and what does not, by the module of the rule."""

from . import code, files, image, recordings, release, requirements, sdk, secrets, snyk, tests

_MODULES = (files, release, image, code, requirements, tests, secrets, recordings, snyk, sdk)

BREAKING = [row for module in _MODULES for row in module.BREAKING]
GOOD = [row for module in _MODULES for row in module.GOOD]
