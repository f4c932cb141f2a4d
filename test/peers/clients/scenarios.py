# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""What the clients do, for both Python libraries: rig.py's tests name a scenario and read the lines.

An adapter has: connect(url, origin), send(text), receive() (None at the end), ping(text) (returns when the pong has
come), close(code), and close_code.
"""
import asyncio
import json
import sys


def say(**event):
    print(json.dumps(event), flush=True)


async def receive_numbers(peer, count):
    received = [await peer.receive() for _ in range(count)]
    return {"received": len(received), "in_order": received == [str(n) for n in range(1, count + 1)]}


async def send_numbers(peer, count):
    for n in range(1, count + 1):
        await peer.send(str(n))


async def echo(peer, count):
    sending = asyncio.ensure_future(send_numbers(peer, count))
    result = await receive_numbers(peer, count)
    await sending
    return result


async def send(peer, count):
    await send_numbers(peer, count)
    await peer.ping("all there?")
    return {}


async def listen(peer, count):
    return await receive_numbers(peer, count)


async def heartbeat(peer, _):
    await peer.ping("still there?")
    await peer.send('{"type":"ping"}')
    answer = json.loads(await peer.receive())
    await peer.send("hello")
    return {"answer": answer, "echo": await peer.receive()}


async def wait(peer, _):
    receiving = asyncio.ensure_future(receive_numbers(peer, 1))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await send_numbers(peer, 1)
    return await receiving


async def large(peer, size):
    await peer.send("x" * size)
    return {"echo": await peer.receive()}


async def run(peer):
    url, scenario, number, close_code, origin = sys.argv[1:]
    await peer.connect(url, origin or None)
    say(event="ready")
    receiving = {"echo": echo, "send": send, "listen": listen, "heartbeat": heartbeat, "wait": wait, "large": large}
    result = await receiving[scenario](peer, int(number))
    await peer.close(int(close_code))
    say(event="done", closed=peer.close_code, **result)
