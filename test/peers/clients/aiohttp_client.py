# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
"""aiohttp as a client."""
import asyncio

import aiohttp
import scenarios


class Peer:
    async def connect(self, url, origin):
        self.session = aiohttp.ClientSession()
        self.ws = await self.session.ws_connect(url, origin=origin, autoping=False, compress=15)

    async def send(self, text):
        await self.ws.send_str(text)

    async def receive(self):
        while (message := await self.ws.receive()).type == aiohttp.WSMsgType.PING:
            await self.ws.pong(message.data)
        return message.data if message.type == aiohttp.WSMsgType.TEXT else None

    async def ping(self, text):
        await self.ws.ping(text.encode())
        while (message := await self.ws.receive()).type != aiohttp.WSMsgType.PONG or message.data != text.encode():
            assert message.type == aiohttp.WSMsgType.PING, message
            await self.ws.pong(message.data)

    async def close(self, code):
        await self.ws.close(code=code)
        await self.session.close()

    @property
    def close_code(self):
        return self.ws.close_code


asyncio.run(scenarios.run(Peer()))
