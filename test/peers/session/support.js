// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the tests of this folder share: a path that is cut at given bytes, a storage, and a world in virtual time.
'use strict';
const { webcrypto } = require('crypto');
const net = require('net');
const path = require('path');
const { pathToFileURL } = require('url');

const BROWSER_FOLDER = path.join(__dirname, '..', '..', '..', 'docs', 'examples', 'browser');
const loadTautline = () => import(pathToFileURL(path.join(BROWSER_FOLDER, 'tautline.js')).href);

/** Numbers from a seed (LCG of Numerical Recipes), in [0, below). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Forwards to a port, and resets each connection after as many bytes, both ways together, as the plan's next says. */
class CutProxy {
  constructor(port, plan) {
    this.plan = [...plan];
    this.cuts = 0;
    this.listener = net.createServer((near) => this.forward(near, net.connect(port, '127.0.0.1')));
  }
  async listen() {
    await new Promise((resolve) => this.listener.listen(0, '127.0.0.1', resolve));
    this.url = `ws://127.0.0.1:${this.listener.address().port}`;
    return this;
  }
  forward(near, far) {
    let left = this.plan.length ? this.plan.shift() : Infinity;
    const pass = (from, to) => {
      from.on('data', (bytes) => {
        if (left <= 0) return;
        const some = bytes.length < left ? bytes : bytes.subarray(0, left);
        left -= some.length;
        to.write(some, () => left <= 0 && this.cut(near, far));
      });
      from.on('close', () => to.destroy());
      from.on('error', () => {});
    };
    pass(near, far);
    pass(far, near);
  }
  cut(near, far) {
    if (near.destroyed) return;
    this.cuts += 1;
    for (const socket of [near, far]) socket.resetAndDestroy();
  }
  close() {
    this.listener.close();
  }
}

/** What a page's localStorage does, in memory; a copy of it is the state at that moment. */
class MemoryStorage {
  constructor(items = []) {
    this.items = new Map(items);
  }
  getItem(key) {
    return this.items.get(key) ?? null;
  }
  setItem(key, value) {
    this.items.set(key, String(value));
  }
  removeItem(key) {
    this.items.delete(key);
  }
  copy() {
    return new MemoryStorage(this.items);
  }
}

/** The environment of a Link in virtual time, the test plays its sockets. `chance` is every random number. */
class World {
  constructor() {
    Object.assign(this, {
      time: 0,
      utcOffset: 1_780_000_000_000,
      chance: 0.5,
      timers: new Map(),
      ids: 0,
      sockets: [],
      listeners: {},
    });
    const world = this;
    this.WebSocket = class {
      constructor(url, protocols) {
        Object.assign(this, { url, protocols, protocol: '', sent: [], closedWith: null });
        world.sockets.push(this);
      }
      open() {
        [this.protocol] = this.protocols;
        this.onopen();
      }
      send(data) {
        this.sent.push(typeof data === 'string' ? JSON.parse(data) : data);
      }
      receive(message) {
        this.onmessage?.({
          data:
            message instanceof Uint8Array
              ? message.slice().buffer
              : typeof message === 'string'
                ? message
                : JSON.stringify(message),
        });
      }
      end(code = 1006) {
        this.onclose?.({ code, reason: '' });
      }
      close(code) {
        this.closedWith = code;
      }
      /** The controls sent of that type. */
      controls(type) {
        return this.sent.filter((message) => message.type === type);
      }
      get data() {
        return this.sent.filter((message) => message instanceof Uint8Array);
      }
    };
    this.environment = {
      WebSocket: this.WebSocket,
      crypto: {
        getRandomValues: (array) =>
          array instanceof Uint32Array ? array.fill(this.chance * 2 ** 32) : webcrypto.getRandomValues(array),
      },
      events: {
        addEventListener: (name, handler) => (this.listeners[name] ||= new Set()).add(handler),
        removeEventListener: (name, handler) => this.listeners[name]?.delete(handler),
      },
      setTimeout: (action, ms) => this.timers.set(++this.ids, { at: this.time + ms, action }) && this.ids,
      clearTimeout: (id) => this.timers.delete(id),
      now: () => this.time,
      utc: () => this.utcOffset + Math.floor(this.time),
    };
  }
  get socket() {
    return this.sockets[this.sockets.length - 1];
  }
  fire(name) {
    for (const handler of this.listeners[name] || []) handler();
  }
  advance(ms) {
    const end = this.time + ms;
    for (;;) {
      const [id, next] = [...this.timers].reduce((a, b) => (a && a[1].at <= b[1].at ? a : b), null) || [];
      if (!next || next.at > end) break;
      this.timers.delete(id);
      this.time = next.at;
      next.action();
    }
    this.time = end;
  }
}

module.exports = { BROWSER_FOLDER, CutProxy, MemoryStorage, World, loadTautline, randomFrom };
