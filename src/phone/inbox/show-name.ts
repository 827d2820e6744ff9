import { retry } from "../../words/en/phone/inbox.ts";
import { rename as words } from "../../words/en/phone/this-phone.ts";
import { element, name } from "./element.ts";
import type { Device } from "./kept-inbox.ts";

/** Asks the computer. Answers the phone as it is called from now on, or what went wrong. */
export type Rename = (typed: string, retrying: () => void) => Promise<Device | string>;

export interface NameView {
  /** What it is called, kept true. */
  readonly shown: HTMLElement;
  readonly form: HTMLElement;
}

/** What this phone is called, and another name for it. */
export function nameView(device: Device, rename: Rename): NameView {
  const shown = name(device.device_name);
  const field = element("input", {
    id: "own-name",
    type: "text",
    maxlength: "40",
    autocomplete: "off",
    enterkeyhint: "done",
    spellcheck: "false",
    dir: "auto",
    "aria-describedby": "own-name-problem",
  });
  field.value = device.device_name;
  const save = element("button", { type: "submit", class: "decline" }, words.save);
  const problem = element("p", { class: "problem", role: "alert", id: "own-name-problem" });
  const outcome = element("p", { class: "quiet", role: "status" });
  const form = element("form", { class: "rename" }, element("label", { for: "own-name" }, words.label), field, save, problem, outcome);

  let busy = false;
  const send = async (): Promise<void> => {
    const say = (text: string): void => {
      save.textContent = text;
      save.setAttribute("aria-busy", "true");
      save.setAttribute("aria-disabled", "true");
    };
    busy = true;
    say(words.saving);
    const renamed = await rename(field.value, () => say(retry.retrying));
    busy = false;
    save.textContent = words.save;
    save.removeAttribute("aria-busy");
    save.removeAttribute("aria-disabled");
    if (typeof renamed === "string") refuse(renamed);
    else {
      field.value = shown.textContent = renamed.device_name;
      outcome.textContent = words.saved;
    }
  };
  const refuse = (why: string): void => {
    problem.textContent = why;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    problem.textContent = outcome.textContent = "";
    field.removeAttribute("aria-invalid");
    if (field.value.trim() === "") refuse(words.empty);
    else void send();
  });
  return { shown, form };
}
