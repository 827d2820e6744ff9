type Area = "localStorage" | "sessionStorage";

/** `null` also where the browser stores nothing, as private windows and some apps do. */
export function readStored(area: Area, name: string): string | null {
  try {
    return window[area].getItem(name);
  } catch {
    return null;
  }
}

/** Stores a text, or removes it where there is none. `false`: the browser stores nothing, or has no room. */
export function store(area: Area, name: string, text: string | undefined): boolean {
  try {
    if (text === undefined) window[area].removeItem(name);
    else window[area].setItem(name, text);
    return true;
  } catch {
    return false;
  }
}
