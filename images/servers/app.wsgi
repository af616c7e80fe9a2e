"""A page for uwsgi."""


def application(_environ, start_response):
    """Answer at once."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello\n"]
