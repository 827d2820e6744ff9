import { element, type ListItem, showItems } from "./element.ts";

/** A list under a heading of its own, hidden while it is empty. `className` is the list's. */
export function listSection(id: string, title: string, className: string, action?: HTMLElement) {
  const heading = element("h2", { id: `${id}-heading`, tabindex: "-1" }, title);
  const list = element("ul", { "aria-labelledby": `${id}-heading`, class: className });
  const node = element("section", { id, class: "group", "aria-labelledby": `${id}-heading`, hidden: true });
  node.append(element("div", { class: "head" }, heading, action), list);
  return {
    node,
    heading,
    show(items: readonly ListItem[], titleNow = title): void {
      node.hidden = items.length === 0;
      if (heading.textContent !== titleNow) heading.textContent = titleNow;
      showItems(list, items);
    },
  };
}
