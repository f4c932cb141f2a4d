# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""Python websockets as a client."""
import asyncio

import scenarios
import websockets


class Peer:
    async def connect(self, url, origin):
        self.ws = await websockets.connect(url, origin=origin, ping_interval=None)

    async def send(self, text):
        await self.ws.send(text)

    async def receive(self):
        try:
            return await self.ws.recv()
        except websockets.ConnectionClosed:
            return None

    async def ping(self, text):
        await (await self.ws.ping(text))

    async def close(self, code):
        await self.ws.close(code)

    @property
    def close_code(self):
        return self.ws.close_code


asyncio.run(scenarios.run(Peer()))
