import { androidHomeScreen, homeScreen } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { isApple, isAppleSafari } from "../home-screen.ts";
import { actionButton, element, filled, onPress, pageHeading, pageSection } from "./element.ts";
import { carryCode, openHandoff } from "./handoff.ts";
import { serverNow } from "./server-clock.ts";
import { wentWrong } from "./subscribe.ts";
import type { View } from "./visit.ts";
import { momentOf } from "./words.ts";

/** How this phone's inbox comes onto the Home Screen, where it is signed in as the same phone. */
export function homeScreenView(): View {
  const onApple = isApple(navigator);
  const inSafari = isAppleSafari(navigator);
  const handoff = onApple ? handoffPart(inSafari) : undefined;
  return {
    node: pageSection(
      "settings home-screen",
      pageHeading(homeScreen.heading),
      element("p", { class: "lead" }, onApple ? homeScreen.why : androidHomeScreen),
      onApple && element("ol", { class: "card steps" }, ...stepsOf(inSafari)),
      ...(handoff?.nodes ?? []),
    ),
    close: () => handoff?.close(),
  };
}

function stepsOf(inSafari: boolean): HTMLElement[] {
  const steps = inSafari
    ? [filled(homeScreen.share, { sign: shareSign() }), [homeScreen.openApp]]
    : [[fill(homeScreen.openSafari, { address: `${location.origin}/inbox` })], [homeScreen.typeCode]];
  return steps.map((step) => element("li", {}, ...step));
}

/** The code that signs the installed app in, renewed when it expires. In Safari the app also starts with it. */
function handoffPart(inSafari: boolean): { readonly nodes: readonly HTMLElement[]; readonly close: () => void } {
  const code = element("p", { class: "card code", "aria-live": "polite" }, homeScreen.asking);
  const problem = element("p", { class: "problem", role: "alert" });
  const again = actionButton(homeScreen.again, "decline", { hidden: true });
  let closed = false;
  let renew: ReturnType<typeof setTimeout> | undefined;
  let restore = (): void => undefined;

  const ask = async (): Promise<void> => {
    again.hidden = true;
    problem.textContent = "";
    const reply = await openHandoff();
    if (closed) return;
    if (reply.kind !== "done") {
      code.textContent = "";
      problem.textContent = wentWrong(reply);
      again.hidden = false;
      return;
    }
    const { code: characters, url, expires_at } = reply.answer;
    restore();
    if (inSafari) {
      const undo = await carryCode(url);
      if (closed) undo();
      else restore = undo;
    }
    const spelled = `${characters.slice(0, 4)}-${characters.slice(4)}`;
    code.replaceChildren(
      ...filled(inSafari ? homeScreen.ifAsked : homeScreen.code, {
        code: element("strong", { dir: "ltr", class: "characters" }, spelled),
        time: momentOf(expires_at, serverNow()),
      }),
    );
    renew = setTimeout(() => void ask(), Math.max(1000, Date.parse(expires_at) - serverNow()));
  };
  onPress(again, () => void ask());
  void ask();
  return {
    nodes: [code, problem, again],
    close() {
      closed = true;
      clearTimeout(renew);
      restore();
    },
  };
}

const SVG = "http://www.w3.org/2000/svg";

/** Safari's Share button: a box with an arrow out of it. */
function shareSign(): SVGElement {
  const sign = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({
    viewBox: "0 0 24 24",
    width: "24",
    height: "24",
    role: "img",
    "aria-label": homeScreen.shareSign,
  }))
    sign.setAttribute(name, value);
  sign.classList.add("share");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M8 9H5v12h14V9h-3M12 15V3m0 0L8 7m4-4 4 4");
  sign.append(path);
  return sign;
}
