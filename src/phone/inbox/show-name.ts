import { retry, rename as words } from "../../words/phone.ts";
import { element, name, showBusy, showIdle, textField } from "./element.ts";
import type { Device } from "./inbox-state.ts";

/** Asks the computer. Returns the renamed phone, or what went wrong. */
export type Rename = (typed: string, retrying: () => void) => Promise<Device | string>;

export interface NameView {
  /** The phone's current name. */
  readonly shown: HTMLElement;
  readonly form: HTMLElement;
}

/** This phone's name, and a form that changes it. */
export function nameView(device: Device, rename: Rename): NameView {
  const shown = name(device.device_name);
  const field = textField({ id: "own-name", maxlength: "40", enterkeyhint: "done", dir: "auto", "aria-describedby": "own-name-problem" });
  field.value = device.device_name;
  const save = element("button", { type: "submit", class: "decline" }, words.save);
  const problem = element("p", { class: "problem", role: "alert", id: "own-name-problem" });
  const outcome = element("p", { class: "quiet", role: "status" });
  const form = element("form", { class: "rename" }, element("label", { for: "own-name" }, words.label), field, save, problem, outcome);

  let busy = false;
  const send = async (): Promise<void> => {
    busy = true;
    showBusy(save, words.saving);
    const renamed = await rename(field.value, () => showBusy(save, retry.retrying));
    busy = false;
    showIdle(save, words.save);
    if (typeof renamed === "string") showProblem(renamed);
    else {
      field.value = shown.textContent = renamed.device_name;
      outcome.textContent = words.saved;
    }
  };
  const showProblem = (why: string): void => {
    problem.textContent = why;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    problem.textContent = outcome.textContent = "";
    field.removeAttribute("aria-invalid");
    if (field.value.trim() === "") showProblem(words.empty);
    else void send();
  });
  return { shown, form };
}
