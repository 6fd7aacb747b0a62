"""What a container gets besides what its template says: from templateDefaults and podSpecPatch."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from ..yaml_text import Loader, NotYaml, parse_yaml
from .nodes import entry, items

_LIMITS = {
    *("activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "hostAliases"),
    *("nodeSelector", "priorityClassName", "schedulerName", "securityContext"),
    *("serviceAccountName", "tolerations"),
}
"""Keys that say where and how a pod runs, not what."""

_OF_DEFAULTS = _LIMITS | {
    *("archiveLocation", "executor", "failFast", "memoize", "metadata", "metrics", "parallelism"),
    *("priority", "retryStrategy", "synchronization", "timeout", "volumes"),
}
_OF_PODS = _LIMITS | {
    *("dnsConfig", "dnsPolicy", "enableServiceLinks", "nodeName", "runtimeClassName"),
    *("terminationGracePeriodSeconds", "topologySpreadConstraints"),
}
_OF_CONTAINERS = {"imagePullPolicy", "name", "resources", "securityContext"}

_KINDS = {
    *("container", "containerSet", "dag", "data", "http", "plugin", "resource", "script", "steps"),
    "suspend",
}
"""The keys of which a template has one."""


def is_template(node: yaml.Node) -> bool:
    """Tell whether a node is a template."""
    return any(entry(node, kind) is not None for kind in _KINDS)


def unclear_defaults(node: yaml.Node) -> Iterator[yaml.Node]:
    """Yield the keys of a node's templateDefaults that may set what containers run."""
    defaults = entry(node, "templateDefaults")
    for key, _ in defaults.value if isinstance(defaults, yaml.MappingNode) else ():
        is_known = isinstance(key, yaml.ScalarNode) and key.value in _OF_DEFAULTS
        if not is_known and key.value != "podSpecPatch":
            yield key


def sets_only_limits(patch: str) -> bool:
    """Tell whether a patch of pods leaves alone what their containers run, and where."""
    try:
        root = parse_yaml(patch, lambda text: yaml.compose(text, Loader=Loader))
    except NotYaml:
        return False
    if not isinstance(root, yaml.MappingNode):
        return False
    return _has_only(root, _OF_PODS | {"containers"}) and all(
        _has_only(container, _OF_CONTAINERS)
        for key, value in root.value
        if key.value == "containers"
        for container in (items(value) or [value])
    )


def _has_only(node: yaml.Node, keys: set[str]) -> bool:
    """Tell whether a node is a mapping with no other keys than these."""
    return isinstance(node, yaml.MappingNode) and all(
        isinstance(key, yaml.ScalarNode) and key.value in keys for key, _ in node.value
    )
