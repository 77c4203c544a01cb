// Elements without a framework.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** Make an element. `on…` are listeners, all else attributes; what is false, null or undefined is left out. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== false && child !== null && child !== undefined));
  return element;
}

export function icon(name, className) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A round button that is only an icon; the label is what screen readers say and the tooltip shows. */
export function iconButton(name, label, onclick, className = "") {
  return el(
    "button",
    { type: "button", class: `round ${className}`, "aria-label": label, title: label, onclick },
    icon(name),
  );
}

export const hiddenText = (text) => el("span", { class: "hidden" }, text);

/** Put these nodes into a parent in this order, touching only what stands elsewhere, so that focus and scrolling stay. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, position) => {
    if (parent.childNodes[position] !== node) parent.insertBefore(node, parent.childNodes[position] ?? null);
  });
}

const faces = new WeakMap(); // element → what its children were made from

/** Replace an element's children unless `content` is what they were made from the last time. */
export function refill(element, content, make) {
  const face = JSON.stringify(content);
  if (faces.get(element) === face) return false;
  faces.set(element, face);
  element.replaceChildren(...[make()].flat());
  return true;
}
