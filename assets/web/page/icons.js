// The icons of the glance, on a grid of 24 by 24, in lines of 2 as the app's own are.
const NAMESPACE = "http://www.w3.org/2000/svg";
/** @type {Record<string, string>} */
const SHAPES = {
  back: "M12 5l-7 7 7 7M5 12h15",
  settings:
    "M9.3 6l.5-2.7h4.4l.5 2.7 1.2.7 2.6-1 2.2 3.8-2.1 1.8v1.4l2.1 1.8-2.2 3.8-2.6-1-1.2.7-.5 2.7H9.8L9.3 18l-1.2-.7"
    + "-2.6 1-2.2-3.8 2.1-1.8v-1.4L3.3 9.5l2.2-3.8 2.6 1zM14.5 12a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
  search: "M15.5 9.5a6 6 0 1 1-12 0 6 6 0 0 1 12 0zM14 14l6 6",
  today: "M4 5v15h16V5M3 5h18M3 7h18M3 8h18M8 2v3M16 2v3M8 13h3M8 15h3",
  jobs: "M3 7h18v13H3zM9 7V3.5h6V7",
  clients:
    "M10.5 8.7a2.7 2.7 0 1 1-5.4 0 2.7 2.7 0 0 1 5.4 0zM18.9 8.7a2.7 2.7 0 1 1-5.4 0 2.7 2.7 0 0 1 5.4 0z"
    + "M1.8 17.8v-1.2c0-1.7 3.5-2.6 6-2.6s6 .9 6 2.6v1.2zM15.5 14.1c2.5-.1 6.7.8 6.7 2.5v1.2h-5",
  scripts: "M3 7h12M3 11h12M3 15h7M13.5 18.5v-2l5-5 2 2-5 5z",
  trust: "M3 17.5l5-5 4 4 8-9M8 12.5h.01M12 16.5h.01M20 7.5h.01M3 17.5h.01M17 2.5v3M15.5 4h3",
  busy: "M4 5v15h16V5M3 5h18M3 7h18M3 8h18M8 2v3M16 2v3M9.5 12l5 5M14.5 12l-5 5",
  onward: "M9.5 6.5l5.5 5.5-5.5 5.5",
  mail: "M3 5h18v14H3zM3.5 7L12 12.5 20.5 7",
  call: "M4 4h4.2l1.3 4.5-2.6 2.1c1.4 2.8 3.7 5.1 6.5 6.5l2.1-2.6 4.5 1.3V20C11 20 4 13 4 4z",
  video: "M4 7h12v10H4zM16 11l4.5-3v8L16 13M10 9.5v5M7.5 12h5",
  chat: "M3 21V3h18v14H7z",
  outbox: "M4 4h16v16H4zM4 14.5h4.5a3.5 3.5 0 0 0 7 0H20M12 12.5V6.5M9 9l3-3 3 3",
  add: "M12 5v14M5 12h14",
  more: "M12 6h.01M12 12h.01M12 18h.01",
  done: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM7.5 12.2l3 3 6-6.2",
  answered: "M12 17H6l-3 3V4h18v7M14.5 17.5l2.5 2.5 4.5-4.5",
  follow_up: "M13 19H3V5h18v8M3.5 7.5L12 13l8.5-5.5M16 19h6M19.5 16l3 3-3 3",
  silent:
    "M9 11.5a3.5 3.5 0 0 1-3.5-3.5M7.5 4.9A3.5 3.5 0 0 1 12.5 8M2 19.5c0-3 3.5-4.5 7-4.5s7 1.5 7 4.5z"
    + "M2.5 3l18.5 18.5M16 5.5a5 5 0 0 1 0 5.5M19 3a9 9 0 0 1 0 10.5",
  standing_call:
    "M4 4h4.2l1.3 4.5-2.6 2.1c1.4 2.8 3.7 5.1 6.5 6.5l2.1-2.6 4.5 1.3V20C11 20 4 13 4 4z",
  call_to_note: "M4 5v15h16V5M3 5h18M3 7h18M3 8h18M8 2v3M16 2v3M8 14l3 3 5-5",
  application: "M4 4h16v16H4zM4 14.5h4.5a3.5 3.5 0 0 0 7 0H20M12 12.5V6.5M9 9l3-3 3 3",
  offer: "M3 12.5V4h8.5l9 9-8.5 8.5zM7.5 8h.01",
  question: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM9 9.5a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5h.01",
  to_ask:
    "M12 20.5V18a7.5 7.5 0 1 1 7.5-7.5c0 4.5-3.5 8-7.5 10zM9.5 8.5a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.2 1-1.2 2M12 15h.01",
  payment: "M3 6h15v10H3zM10.5 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM21 9v10H6",
  ladder: "M4 19h4v-4h4v-4h4V7h4",
  said:
    "M12 9a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zM1.5 19.5c0-3 3.5-4.5 7-4.5s7 1.5 7 4.5z"
    + "M16 6.5a5 5 0 0 1 0 5M19 4a9 9 0 0 1 0 10",
  topic: "M3 6h12M3 11h9M3 16h7M16 12v8M12 16h8",
  topics: "M3 15.5V3h13v9H6.5zM7 16v1.5h10.5L21 21V7h-2",
  sample: "M8.5 4h7M10 4v6l-5 9h14l-5-9V4",
  snooze: "M20 13a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM9.5 10h5l-5 6h5M2.5 6L7 2.5M21.5 6L17 2.5",
  peace: "M12 21c-5-1-9-4-9-10 4 0 7.5 2 9 6M12 21c5-1 9-4 9-10-4 0-7.5 2-9 6M8 11c.5-3 2-6 4-8 2 2 3.5 5 4 8",
  inbox: "M4 4h16v16H4zM4 14h4.5a3.5 3.5 0 0 0 7 0H20",
};

/**
 * A decorative icon in the colour of the text around it.
 * @param {string} name one of SHAPES
 */
export function icon(name) {
  const svg = draw("svg", { viewBox: "0 0 24 24", "aria-hidden": true, class: `icon ${name}` });
  svg.append(draw("path", { d: SHAPES[name] }));
  return svg;
}

/**
 * An element of SVG.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean>} attributes
 */
export function draw(tag, attributes) {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
