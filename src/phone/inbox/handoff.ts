import type { AnswerOf } from "../../contract/operations.ts";
import { retry } from "../../words/phone.ts";
import { askDoor, askUntilAnswered, type Reply } from "./ask-door.ts";
import { standsAlone } from "./stands-alone.ts";

type Handoff = AnswerOf<"openHandoff">;

const START = "#handoff=";

/**
 * The code that the installed app was started with, if any. It leaves the address at once, so that no screenshot and no shared link
 * holds it.
 */
export function takeStartCode(): string | undefined {
  if (!location.hash.startsWith(START)) return undefined;
  const code = location.hash.slice(START.length);
  history.replaceState(null, "", location.pathname);
  return code;
}

export async function openHandoff(): Promise<Reply<Handoff>> {
  return askDoor<Handoff>("POST", "/phone/me/handoff");
}

/** Signs this browser in as the phone that the code was made for. Answers what went wrong, if anything did. */
export async function signIn(code: string): Promise<string> {
  // The same for each try, so that a lost answer is not "used already". Pages without https have no randomUUID.
  const idempotencyKey = Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
  const reply = await askUntilAnswered("POST", "/phone/handoff", { code }, () => undefined, idempotencyKey);
  if (reply.kind === "done") return "";
  return reply.kind === "lost" ? retry.lost : reply.problem.detail;
}

/** The page starts anew, as the phone that it is now, with what comes next. */
export function startSignedIn(): void {
  history.replaceState(null, "", standsAlone() ? "/inbox#notifications" : "/inbox#home-screen");
  location.reload();
}

/** Makes the installed app start with the code: by the page's address, and by the manifest, which goes before it where it is read. */
export async function carryCode(url: string): Promise<() => void> {
  const { hash } = new URL(url);
  const before = location.hash;
  history.replaceState(null, "", location.pathname + hash);
  const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
  const former = link?.getAttribute("href") ?? "";
  let blob: string | undefined;
  if (link) {
    try {
      const manifest = (await (await fetch(former)).json()) as { readonly icons: readonly { readonly src: string }[] };
      const here = (path: string): string => new URL(path, location.origin).href;
      const own = {
        ...manifest,
        id: here("/inbox"),
        scope: here("/"),
        start_url: here(`/inbox${hash}`),
        icons: manifest.icons.map((icon) => ({ ...icon, src: here(icon.src) })),
      };
      blob = URL.createObjectURL(new Blob([JSON.stringify(own)], { type: "application/manifest+json" }));
      link.href = blob;
    } catch {
      // Without a manifest the page's address is the app's start address.
      link.remove();
    }
  }
  return () => {
    if (location.hash === hash) history.replaceState(null, "", location.pathname + before);
    if (link) {
      link.setAttribute("href", former);
      document.head.append(link);
    }
    if (blob !== undefined) URL.revokeObjectURL(blob);
  };
}
