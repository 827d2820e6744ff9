import { notHere } from "../../words/en/phone/inbox.ts";
import { element, pageHeading, pageSection } from "./element.ts";

/** For an address without a message on this phone. `searching`: the computer has not answered yet. */
export function notHereView(isApproval: boolean, searching: boolean): HTMLElement {
  return pageSection(
    "detail",
    pageHeading(searching ? notHere.searching : isApproval ? notHere.approvalHeading : notHere.heading),
    !searching && element("p", { class: "lead" }, isApproval ? notHere.approval : notHere.page),
    element("a", { class: "accept link", href: "#" }, notHere.open),
  );
}
