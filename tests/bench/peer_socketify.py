"""uWebSockets, through socketify, as a server for bench_fanout: its own publish and subscribe. Run by a Python that has
socketify, which is none of our packages."""

import sys
from typing import Any

from socketify import App, AppListenOptions, CompressOptions, OpCode  # type: ignore[import-not-found]

newest = ""


def listen(websocket: Any) -> None:
    websocket.subscribe("board")
    if newest:
        websocket.send(newest, OpCode.TEXT)


def publish(response: Any, request: Any) -> None:
    """The address ends in "seq":<number>."""
    global newest
    newest = f'{{"type":"board",{request.get_parameter(0)},"filling":"'.ljust(size - 2, ".") + '"}'
    app.publish("board", newest, OpCode.TEXT)
    response.end("ok")


port, size = map(int, sys.argv[1:])
app = App()
app.ws("/live", {"open": listen, "compression": CompressOptions.DISABLED, "idle_timeout": 960})
app.get("/pub/:number", publish)
app.listen(AppListenOptions(port=port, host="127.0.0.1"), lambda config: None)
app.run()
