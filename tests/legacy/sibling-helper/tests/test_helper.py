from lib.naming import normalise


def test_normalise():
    assert normalise(" A b") == "a_b"
