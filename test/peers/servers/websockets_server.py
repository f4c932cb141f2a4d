# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Python websockets as a server that records what it gets."""
import asyncio

import websockets
from recorder import Recorder, obey, read_arguments, say, termination

options = read_arguments()
recorder = Recorder(options)
connections = set()


def headers_of(ws):
    headers = ws.request_headers if hasattr(ws, "request_headers") else ws.request.headers
    return {name.lower(): value for name, value in headers.raw_items()}


def extensions_of(ws):
    extensions = ws.extensions if hasattr(ws, "extensions") else ws.protocol.extensions
    return [extension.name for extension in extensions]


async def converse(ws):
    async for message in ws:
        await recorder.take(message)
        if options.echo:
            await ws.send(message)


async def on_connection(ws):
    say(event="open", headers=headers_of(ws), subprotocol=ws.subprotocol or "", extensions=extensions_of(ws))
    connections.add(ws)
    try:
        if options.close_at_once:
            await ws.close(options.close_at_once)
        else:
            await converse(ws)
    except websockets.ConnectionClosed:
        pass
    finally:
        connections.discard(ws)
        say(event="closed", code=ws.close_code)


async def on_command(word, *arguments):
    for ws in list(connections):
        if word == "close":
            await ws.close(int(arguments[0]), arguments[1])
        else:
            await (await ws.ping(arguments[0]))
            say(event="pong", data=arguments[0])


async def main():
    terminated = termination()
    server = await websockets.serve(
        on_connection, "127.0.0.1", options.port, ping_interval=None, max_size=2**24, max_queue=32, close_timeout=1,
        subprotocols=[options.subprotocol] if options.subprotocol else None)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    obey(on_command)
    await terminated.wait()
    server.close()
    await server.wait_closed()


asyncio.run(main())
