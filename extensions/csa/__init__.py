"""What a template alone cannot do safely: the `csa` command."""
