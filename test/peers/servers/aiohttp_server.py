# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""aiohttp as a server that records what it gets.

It answers a ping from within receive(), so a pong says that the application took all messages before it.
"""
import asyncio

from aiohttp import WSMsgType, web
from recorder import Recorder, obey, read_arguments, say, termination

options = read_arguments()
recorder = Recorder(options)
connections = set()
ends = {}


async def converse(ws):
    async for message in ws:
        if message.type == WSMsgType.PING:
            await ws.pong(message.data)
        elif message.type == WSMsgType.PONG:
            say(event="pong", data=message.data.decode())
        else:
            await recorder.take(message.data)
            if options.echo:
                await (ws.send_str if message.type == WSMsgType.TEXT else ws.send_bytes)(message.data)


async def on_request(request):
    ws = web.WebSocketResponse(timeout=1.0, max_msg_size=2**24, autoping=False,
                               protocols=[options.subprotocol] if options.subprotocol else ())
    await ws.prepare(request)
    say(event="open", headers={name.lower(): value for name, value in request.headers.items()},
        subprotocol=ws.ws_protocol or "", extensions=["permessage-deflate"] if ws.compress else [])
    connections.add(ws)
    try:
        if options.close_at_once:
            await ws.close(code=options.close_at_once)
        else:
            await converse(ws)
    except ConnectionResetError:
        pass
    finally:
        connections.discard(ws)
        # A handler that returns before would close with its own 1000.
        if ws in ends:
            await ends.pop(ws)
        say(event="closed", code=ws.close_code)
    return ws


async def end(ws, code, reason=b""):
    ends[ws] = asyncio.ensure_future(ws.close(code=code, message=reason))
    await ends[ws]


async def on_command(word, *arguments):
    for ws in list(connections):
        if word == "close":
            await end(ws, int(arguments[0]), arguments[1].encode())
        else:
            await ws.ping(arguments[0].encode())


async def main():
    terminated = termination()
    application = web.Application()
    application.router.add_get("/{path:.*}", on_request)
    runner = web.AppRunner(application)
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(runner.server, "127.0.0.1", options.port)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    obey(on_command)
    await terminated.wait()
    server.close()
    await asyncio.gather(*(end(ws, 1001) for ws in list(connections)))
    while connections:
        await asyncio.sleep(0)


asyncio.run(main())
