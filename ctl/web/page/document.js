'use strict';
// The document. Everything from outside becomes text, never markup.

const $ = (id) => document.getElementById(id);

// --- changed only where something is different

function make(name, className) {
  const node = document.createElement(name);
  if (className) node.className = className;
  return node;
}

function write(node, text) {
  text = String(text);
  if (node.textContent === text) return false;
  node.textContent = text;
  return true;
}

// The same, seen for a moment where it was something else before.
function tell(node, text) {
  const before = node.textContent;
  if (!write(node, text) || before === '') return;
  node.classList.remove('flash');
  void node.offsetWidth;
  node.classList.add('flash');
}

function put(node, name, value) {
  if (value === null || value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

function klass(node, name) {
  if (node.className !== name) node.className = name;
}

// As many children as there are items: those that are there are used again.
function fill(parent, items, build, update) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  while (parent.children.length < items.length) parent.append(build());
  items.forEach((item, i) => update(parent.children[i], item, i));
}

function pairs(list, items) {
  fill(list, items, () => {
    const pair = make('div');
    pair.append(make('dt'), make('dd'));
    return pair;
  }, (pair, [name, value, state, href]) => {
    write(pair.children[0], name);
    put(pair, 'data-state', state);
    const dd = pair.children[1];
    if (state) {
      if (!dd.firstElementChild) dd.append(shape(), make('a'));
      draw(dd.children[0], state);
      put(dd.children[1], 'href', href);
      tell(dd.children[1], value);
    } else tell(dd, value);
  });
}

// --- shapes: the second cue beside each colour

const SHAPES = {
  ok: 'M8 .5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 0 1 0-15Z M4 8.2 6.9 11.1 12.1 5.9 10.9 4.7 6.9 8.7 5.2 7Z',
  target: 'M2 2h4v12H2Z M10 2h4v12h-4Z',
  full: 'M1.5 1.5h13v13h-13Z',
  unknown: 'M8 .5 15.5 8 8 15.5 .5 8Z M7.1 4v5h1.8V4Z M7.1 10.4v1.8h1.8v-1.8Z',
  halt: 'M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5Z M4 6.900v2.200h8V6.900Z',
  warning: 'M8 1 15.5 15H.5Z M7.2 6v4.500h1.600V6Z M7.2 11.700v1.600h1.600v-1.600Z',
  critical: 'M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5Z M7.1 3.500v5.500h1.800V3.500Z M7.1 10.600v1.900h1.800v-1.900Z',
  none: 'M8 1.500a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13Z M8 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8Z',
  done: 'M2 8.5 6.2 12.8 14 4.2 12.4 2.8 6.1 9.7 3.5 7Z',
};

function shape() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('fill', 'currentColor');
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}

function draw(svg, name) {
  put(svg.firstElementChild, 'd', SHAPES[name] || SHAPES.none);
}
