// Elements from plain calls. Text becomes text nodes, never markup: whatever a photo is called, it shows as text.

/**
 * Makes an element.
 * @param {string} tag such as 'button'
 * @param {object} properties `class`, `on: {click: fn}`, `data: {id: 1}`, `style: {'--x': '1px'}`; whatever else is an attribute: true sets
 *   it empty, false and null leave it out
 * @param {...(Node|string|number|null|false|Array)} children null and false are left out
 */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** As h, for the elements of SVG. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'data') {
      Object.assign(element.dataset, value);
    } else if (name === 'style') {
      // By CSSOM: the Content-Security-Policy forbids style attributes.
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(element, child);
    else if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Replaces what an element holds. */
export function put(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

/** Sets the text of an element, unless it says so already. */
export function text(element, words) {
  const now = String(words);
  if (element.textContent !== now) element.textContent = now;
}

/** Calls `work` once `ms` after the first of many calls; never more often. */
export function seldom(ms, work) {
  let timer = 0;
  const call = () => {
    timer ||= setTimeout(() => {
      timer = 0;
      work();
    }, ms);
  };
  call.cancel = () => {
    clearTimeout(timer);
    timer = 0;
  };
  return call;
}
