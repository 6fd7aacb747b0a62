"""`asset.get_custom_metadata("x")` becomes `asset.get_custom_metadata(client, "x")`."""

from __future__ import annotations

import pytest
from csa.sdk.changes import CHANGES

from tests.sdk.fixers.cases import Case, check, check_that_all_break
from tests.support.fixed import CLIENT, LEFT, fixed_together

HEAD = (
    f"{CLIENT}from pyatlan.model.assets import Asset, DataProduct, Purpose\n"
    "from pyatlan.model.custom_metadata import CustomMetadataDict\n"
    "from pyatlan.model.fields.atlan_fields import CustomMetadataField\n"
    "from pyatlan.model.suggestions import Suggestions\n"
    "from pyatlan.model.typedef import AttributeDef\n\n\n"
    "def f(client: AtlanClient, asset: Asset, product: DataProduct, found: Suggestions, x):\n"
)
KIND = "attribute_type=x"

CASES = [
    Case(f"{HEAD}    {before}\n", f"{HEAD}    {after}\n" if after else LEFT)
    for before, after in [
        # First where something is given by its place, else by its name.
        ("asset.get_custom_metadata('x')", "asset.get_custom_metadata(client, 'x')"),
        ("asset.get_custom_metadata(name='x')", "asset.get_custom_metadata(client=client, name='x')"),
        ("product.get_assets()", "product.get_assets(client)"),
        ("found.apply(allow_multiple=True)", "found.apply(client=client, allow_multiple=True)"),
        (f"AttributeDef.create('x', {KIND})", f"AttributeDef.create(client, 'x', {KIND})"),
        ("Purpose.create_data_policy(name=x, purpose_id=x, policy_type=x)",
         "Purpose.create_data_policy(client=client, name=x, purpose_id=x, policy_type=x)"),
        # Of chains and of calls in calls, the right ones.
        ("CustomMetadataField('x', 'y').eq('z')", "CustomMetadataField(client, 'x', 'y').eq('z')"),
        ("asset.trim_to_required().get_custom_metadata('x')",
         "asset.trim_to_required().get_custom_metadata(client, 'x')"),
        ("asset.set_custom_metadata(CustomMetadataDict(name='x'))",
         "asset.set_custom_metadata(client, CustomMetadataDict(client=client, name='x'))"),
        # However it is written.
        ("CustomMetadataDict(('x'))", "CustomMetadataDict(client, ('x'))"),
        ("(CustomMetadataDict)('x')", "(CustomMetadataDict)(client, 'x')"),
        ("CustomMetadataDict ('x' 'y',)", "CustomMetadataDict (client, 'x' 'y',)"),
        ("CustomMetadataDict(**{'name': x})", "CustomMetadataDict(client=client, **{'name': x})"),
        ("CustomMetadataDict(*[x])", "CustomMetadataDict(client, *[x])"),
        ("product.get_assets(  # all\n    )", "product.get_assets(client  # all\n    )"),
        (f"AttributeDef.create(\n        display_name='x',\n        {KIND},\n    )",
         f"AttributeDef.create(\n        client=client,\n        display_name='x',\n        {KIND},\n    )"),
        ("CustomMetadataDict(  # it\n        # has a name\n        'x'\n    )",
         "CustomMetadataDict(  # it\n        client,\n        # has a name\n        'x'\n    )"),
        ("CustomMetadataDict('x',\n                       )", "CustomMetadataDict(client, 'x',\n                       )"),
        # What is left: it lacks something else as well, or has a client already.
        ("AttributeDef.create()", LEFT),
        ("AttributeDef.create(display_name='x')", LEFT),
        (f"AttributeDef.create(client, display_nam='x', {KIND})", LEFT),
        ("CustomMetadataDict(client)", LEFT),
        ("CustomMetadataField(client, 'x')", LEFT),
        ("CustomMetadataDict(client=client)", LEFT),
        ("CustomMetadataDict(y for y in x)", LEFT),
        ("make = CustomMetadataDict\n    make('x')", LEFT),
    ]
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.before.partition("\n    ")[2])
def test_a_call_gets_the_client(case: Case) -> None:
    check(CASES, case)


def test_each_of_these_breaks_before() -> None:
    check_that_all_break(CASES)


EXAMPLES = [change.example for change in CHANGES if change.fixer == "client_argument"]


def in_a_function(example: str) -> str:
    """An example of the table where there is a client."""
    *imports, last = example.rpartition("\n")[0], example.rpartition("\n")[2]
    head = "".join(imports).replace("def f(", "def f(client: AtlanClient, ")
    if "def f(" in example:
        return f"{CLIENT}{head}\n{last}\n"
    return f"{CLIENT}{head}\n\n\ndef f(client: AtlanClient):\n    {last}\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rpartition("\n")[2])
def test_each_such_change_of_the_table_is_made(example: str) -> None:
    cases = [Case(in_a_function(one), LEFT) for one in EXAMPLES]
    texts, broken = fixed_together(tuple(case.before for case in cases))
    number = EXAMPLES.index(example)
    assert broken[number] == []
    assert "client" in texts[number].splitlines()[-1]
