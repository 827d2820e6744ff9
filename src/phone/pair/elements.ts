export function say(where: "status" | "problem", text: string): void {
  const place = document.getElementById(where);
  if (place) place.textContent = text;
}

export function valueOfField(name: string): string {
  return document.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value ?? "";
}

/** Only a person's own tap counts, never a script's. */
export function onTap(button: HTMLButtonElement, act: () => void): void {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (event.isTrusted) act();
  });
}
