"""A server's token and what it serves: ``python -m engine.backends.remoting check --server URL``.

The token is read from standard input, so that it stands in no list of processes and in no shell's history.
"""

from __future__ import annotations

import argparse
import sys

from sora_addon.contract import ContractError

from ...tokens import forget_token, keep_token, token_for
from ..settings import Given
from .address import Server, checked_url, server_of
from .kinds import kind_of
from .videos import Videos


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 done, 2 what was said does not fit or the server does not answer."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.backends.remoting", description="A server's token, and what it serves."
    )
    parser.add_argument("verb", choices=("token", "forget", "check"), help="token: store the one on standard input")
    parser.add_argument("--server", required=True, metavar="URL", help="https://host:port")
    parser.add_argument("--certificate", default="", metavar="PEM", help="the studio's own authorities")
    chosen = parser.parse_args(arguments)
    try:
        url = checked_url(chosen.server)
        if chosen.verb == "token":
            keep_token(url, sys.stdin.readline().strip())
            print(f"the keyring holds the token of {url}")
        elif chosen.verb == "forget":
            print(f"the keyring holds no token of {url} any more" if forget_token(url) else f"there was none of {url}")
        else:
            _check(server_of(Given({"server": url, "certificate": chosen.certificate})))
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _check(server: Server) -> None:
    served = Videos(server, lambda: None).models()
    print(f"{server.url} serves {', '.join(served) or 'a model that it does not name'}")
    print("with a token" if token_for(server.url) else "without a token")
    kind = kind_of(Given({}), served)
    print(
        f"as {kind.name}: {kind.grid.step}k+{kind.grid.offset} frames, sides in {kind.side_step}, {kind.rate} a second"
    )


if __name__ == "__main__":
    raise SystemExit(main())
