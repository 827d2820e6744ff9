import { element } from "./element.ts";
import { NOT_HERE } from "./words.ts";

/** For an address that leads to nothing this phone has. `looking`: the computer has not answered yet. */
export function notHereView(isApproval: boolean, looking: boolean): HTMLElement {
  return element(
    "section",
    { class: "detail", "aria-labelledby": "heading" },
    element("h1", { tabindex: "-1", id: "heading" }, looking ? NOT_HERE.looking : isApproval ? NOT_HERE.approvalHeading : NOT_HERE.heading),
    !looking && element("p", { class: "lead" }, isApproval ? NOT_HERE.approval : NOT_HERE.page),
    element("a", { class: "accept link", href: "#" }, NOT_HERE.open),
  );
}
