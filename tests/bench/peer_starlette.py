"""The loop that tutorials of Starlette show, as a server for bench_fanout: a set of sockets, an await for each."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

listeners: set[WebSocket] = set()
newest = ""


async def listen(websocket: WebSocket) -> None:
    await websocket.accept()
    listeners.add(websocket)
    try:
        if newest:
            await websocket.send_text(newest)
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        listeners.discard(websocket)


async def publish(request: Request) -> PlainTextResponse:
    global newest
    newest = (await request.body()).decode()
    for websocket in list(listeners):
        try:
            await websocket.send_text(newest)
        except (WebSocketDisconnect, RuntimeError):
            listeners.discard(websocket)
    return PlainTextResponse("ok")


if __name__ == "__main__":
    app = Starlette(routes=[Route("/pub", publish, methods=["POST"]), WebSocketRoute("/live", listen)])
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        backlog=4096,
        log_level="warning",
        access_log=False,
    )
