import main


def test_parser():
    assert main.get_parser().parse_args(["--user-id", "u"]).user_id == "u"
