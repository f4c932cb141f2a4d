// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A task list that can be edited offline. Each change is a message; its echo is the confirmation of the server.
import { Link } from './tautline.js';

const LIST = 'tasks';
const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const number = (name, otherwise) => (query.has(name) ? Number(query.get(name)) : otherwise);

// tasks: {id, text, done}. changes: what the server did not confirm yet, by id: {op, task, text, done, seq}.
let saved, link;

// --- the list

function change(op, task) {
  const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
  saved.changes[id] = { op, task: task.id, text: task.text, done: task.done };
  keep();
  transmit(id);
}

// A change is kept before it is sent, so whatever ends this page, the next sends what this one did not.
function transmit(id) {
  const { seq, ...message } = saved.changes[id];
  const receipt = link.send(JSON.stringify({ id, ...message }));
  saved.changes[id].seq = receipt.seq;
  keep();
  receipt.catch((error) => {
    $('detail').textContent = `A change waits here, it could not be sent: ${error.message}.`;
  });
}

function transmitAll(isMissing) {
  for (const [id, { seq }] of Object.entries(saved.changes)) if (isMissing(seq)) transmit(id);
}

function add(text) {
  const task = { id: crypto.getRandomValues(new Uint32Array(2)).join('-'), text, done: false };
  saved.tasks.push(task);
  change('add', task);
}

function tick(task, done) {
  task.done = done;
  change('tick', task);
}

function remove(task) {
  saved.tasks.splice(saved.tasks.indexOf(task), 1);
  change('delete', task);
}

function confirm(data) {
  const { id } = JSON.parse(data);
  document.dispatchEvent(new CustomEvent('task-confirmed', { detail: id }));
  delete saved.changes[id];
  keep();
}

function keep() {
  localStorage.setItem(LIST, JSON.stringify(saved));
  show();
}

// --- what is seen

// Rows stay where they are: who works with the keyboard keeps the place.
function show() {
  const waiting = new Set(Object.values(saved.changes).map(({ task }) => task));
  const gone = new Map(Array.from($('list').children, (row) => [row.dataset.id, row]));
  for (const task of saved.tasks) {
    const row = gone.get(task.id) || $('list').appendChild(rowOf(task));
    gone.delete(task.id);
    row.toggleAttribute('data-waiting', waiting.has(task.id));
    row.querySelector('.state').textContent = waiting.has(task.id) ? 'Waiting' : 'Saved';
  }
  for (const row of gone.values()) row.remove();
  const count = Object.keys(saved.changes).length;
  $('summary').textContent =
    count === 0 ? 'All changes are saved.' : `${count} ${count === 1 ? 'change waits' : 'changes wait'} to be saved.`;
}

function rowOf(task) {
  const row = $('task').content.firstElementChild.cloneNode(true);
  const box = row.querySelector('input');
  const button = row.querySelector('.delete');
  row.dataset.id = task.id;
  row.querySelector('.text').textContent = task.text;
  box.checked = task.done;
  box.onchange = () => tick(task, box.checked);
  button.setAttribute('aria-label', `Delete ${task.text}`);
  button.onclick = () => {
    remove(task);
    $('text').focus();
  };
  return row;
}

function showStatus({ state, text, cause, attempt, retryInMs }) {
  $('status').dataset.state = state;
  // Written only when it changes, because a screen reader says it.
  if ($('status-text').textContent !== text) $('status-text').textContent = text;
  $('toggle').textContent = state === 'disconnected' ? 'Connect' : 'Disconnect';
  const next = retryInMs === null ? '' : `, attempt ${attempt} in ${(retryInMs / 1000).toFixed(1)} s`;
  $('detail').textContent = cause && `${cause}${next}. You can go on: changes are kept.`;
}

// --- the connection

function open() {
  saved = JSON.parse(localStorage.getItem(LIST) || '{"tasks":[],"changes":{}}');
  link = new Link(query.get('server') || `ws://${location.hostname || '127.0.0.1'}:9001/`, {
    storage: localStorage,
    storageKey: 'tasks.link',
    initialMs: number('initial_ms', 1000),
    maxMs: number('max_ms', 30_000),
    maxAttempts: number('attempts', 10),
  });
  link.on('status', showStatus);
  link.on('message', ({ data }) => confirm(data));
  // The server took these over, and their echoes were lost with the session.
  link.on('session_reset', () => transmitAll((seq) => seq <= link.outbox.acked));
  $('add').onsubmit = (event) => {
    event.preventDefault();
    const text = $('text').value.trim();
    if (text) add(text);
    $('add').reset();
  };
  $('toggle').onclick = () => (link.status.state === 'disconnected' ? link.start() : link.stop());
  $('page').inert = $('toggle').disabled = false;
  show();
  transmitAll((seq) => seq === undefined);
  link.start();
}

// One page at a time: two with one storage would take the session from each other.
if (navigator.locks) {
  const waiting = setTimeout(() => {
    $('detail').textContent = 'This list is open in another tab.';
  }, 500);
  navigator.locks.request(LIST, () => {
    clearTimeout(waiting);
    $('detail').textContent = '';
    open();
    return new Promise(() => {});
  });
} else {
  open();
}
