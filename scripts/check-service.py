"""What scripts/check-service adds to schemathesis: how a stream is read, and what a token is for."""

import io

import schemathesis
import urllib3

# Without the token a request is refused by it, or before it is asked for: the client does not take the answer, or something is too long.
REFUSALS = {401, 406, 413, 414, 431}
# Whether the server lives, anybody may ask.
OPEN = "/healthz"


@schemathesis.hook
def before_call(_context, _case, kwargs):
    kwargs["hooks"] = {"response": without_events}


def without_events(response, **_options):
    """Closes a stream once its head is read, as it does not end."""
    if response.headers.get("Content-Type") == "text/event-stream":
        response.close()
        response.raw = urllib3.HTTPResponse(
            io.BytesIO(), headers=response.headers, status=response.status_code, preload_content=False
        )
    return response


@schemathesis.check
def admitted(_context, response, _case):
    """By a server that asks for no token, and by one that was given it."""
    assert response.status_code != 401, "The token is asked for"


@schemathesis.check
def refused(_context, response, case):
    """By a server that asks for a token, and was not given it."""
    assert response.status_code in REFUSALS or case.operation.path == OPEN, "The token is not asked for"
