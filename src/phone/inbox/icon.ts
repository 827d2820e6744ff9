const SVG = "http://www.w3.org/2000/svg";

/** Line icons on a grid of 24, in the colour of the text around them. */
const PATHS = {
  inbox: "M4 13h4l2 3h4l2-3h4M4 13l3-8h10l3 8v6H4z",
  history: "M4 5v5h5M4.6 10A8 8 0 1 1 4 13M12 8v4.5l3 2",
  command: "M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11.5a6 6 0 0 0 12 0M12 17.5V21",
  phone: "M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  refresh: "M20 5v5h-5M19.4 10A8 8 0 1 0 20 13",
  off: "M3 3l18 18M5 12a10 10 0 0 1 4-2.5M15 9.5a10 10 0 0 1 4 2.5M8.5 15.5a5 5 0 0 1 7 0M12 19h.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6 6l12 12M18 6L6 18",
  alert: "M12 4l9 16H3zM12 10v4M12 17h.01",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.7M12 16.5h.01",
  dash: "M6 12h12",
  play: "M8 5l10 7-10 7z",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2",
  share: "M8 9H5v12h14V9h-3M12 15V3M8 7l4-4 4 4",
} as const;
export type IconName = keyof typeof PATHS;

/** Decoration, unless it has a label: then it stands for a word. */
export function icon(name: IconName, label?: string): SVGElement {
  const named = label === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": label };
  // These two point where reading goes on, or comes from.
  const className = name === "back" || name === "next" ? "i flip" : "i";
  return svg("svg", { viewBox: "0 0 24 24", class: className, ...named }, svg("path", { d: PATHS[name] }));
}

/** Top Dog's face. Decoration: its name is always beside it. */
export function mark(): SVGElement {
  const eye = (cx: string): SVGElement => svg("circle", { class: "tile", cx, cy: "30", r: "2.6" });
  return svg(
    "svg",
    { viewBox: "0 0 64 64", class: "mark", "aria-hidden": "true" },
    svg("rect", { class: "tile", width: "64", height: "64", rx: "15" }),
    svg("path", { class: "face", d: "M15 15q6-3 12 4h10q6-7 12-4 3 9-2 17c1 11-6 18-15 18s-16-7-15-18q-5-8-2-17" }),
    eye("25.5"),
    eye("38.5"),
    svg("ellipse", { class: "tile", cx: "32", cy: "39.5", rx: "4.2", ry: "2.9" }),
  );
}

/** The ring of a button that is held. The style sheet fills it. */
export function ring(): SVGElement {
  const circle = (): SVGElement => svg("circle", { cx: "12", cy: "12", r: "9", pathLength: "100" });
  return svg("svg", { viewBox: "0 0 24 24", class: "ring", "aria-hidden": "true" }, circle(), circle());
}

function svg(tag: string, attributes: Readonly<Record<string, string>>, ...children: readonly SVGElement[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
