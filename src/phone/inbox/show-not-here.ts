import { notHere } from "../../words/en/phone/inbox.ts";
import { element } from "./element.ts";

/** For an address that leads to nothing this phone has. `looking`: the computer has not answered yet. */
export function notHereView(isApproval: boolean, looking: boolean): HTMLElement {
  return element(
    "section",
    { class: "detail", "aria-labelledby": "heading" },
    element("h1", { tabindex: "-1", id: "heading" }, looking ? notHere.looking : isApproval ? notHere.approvalHeading : notHere.heading),
    !looking && element("p", { class: "lead" }, isApproval ? notHere.approval : notHere.page),
    element("a", { class: "accept link", href: "#" }, notHere.open),
  );
}
