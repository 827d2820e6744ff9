import { find } from "../find.ts";
import { offerInbox } from "./offer-inbox.ts";

export const PAIR_PATH = "/pair";

/** Puts a result page in the question's place. `false`: there is none with this name. */
export function showResult(name: string): boolean {
  const template = document.getElementById(name);
  if (!(template instanceof HTMLTemplateElement)) return false;
  find("#sheet").replaceChildren(template.content.cloneNode(true));
  document.title = template.dataset["title"] ?? document.title;
  // A reload shows the same result again, where it has an address.
  const { address } = template.dataset;
  if (address !== undefined) history.replaceState(null, "", address);
  scrollTo(0, 0);
  find("#heading").focus();
  offerInbox();
  return true;
}
