"""The requirements.txt of an adopted script."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import Failed
from ..source.distributions import read_monorepo
from ..source.requirements import Requirements, is_first_party, plan_requirements
from ..source.script_text import modules_in, text_of
from .legacy import Legacy


def requirements(
    legacy: Legacy, modules: Mapping[str, bytes], old: str | None
) -> Requirements | None:
    """Return what the script requires, merged into its own file; None where that was deleted.

    `modules` are its Python files by their path below the folder, `old` is its requirements.txt.
    """
    if legacy.rendering:
        template = legacy.rendering.files["requirements.txt"].content.decode()
    elif old:
        template = old
    else:
        return None
    sources = {
        name: text_of(content)
        for name, content in modules.items()
        if "tests" not in name.split("/")
    }
    first_party = is_first_party(legacy.folder, legacy.top)
    imported = {module for content in sources.values() for module in modules_in(content)}
    if legacy.rendering and any(
        module.split(".")[0] == legacy.name and not first_party(module) for module in imported
    ):
        raise Failed(
            f"{legacy.before} imports {legacy.name}, which a package of that name would hide: "
            f"rename the folder, such as to {legacy.name}_script"
        )
    return plan_requirements(
        sources,
        first_party,
        old,
        template,
        lambda: read_monorepo(legacy.folder, legacy.top),
    )
