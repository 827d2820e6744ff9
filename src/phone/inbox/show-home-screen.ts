import { androidHomeScreen, homeScreen } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { isApple, isAppleSafari } from "../home-screen.ts";
import { actionButton, element, filled, onPress, pageView } from "./element.ts";
import { carryCode, openHandoff } from "./handoff.ts";
import { icon } from "./icon.ts";
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
    ...pageView(
      "settings home-screen",
      homeScreen.heading,
      element("p", {}, onApple ? homeScreen.why : androidHomeScreen),
      onApple && element("ol", { class: "card steps" }, ...stepsOf(inSafari)),
      ...(handoff?.nodes ?? []),
    ),
    close: () => handoff?.close(),
  };
}

function stepsOf(inSafari: boolean): HTMLElement[] {
  const steps = inSafari
    ? [filled(homeScreen.share, { sign: icon("share", homeScreen.shareSign) }), [homeScreen.openApp]]
    : [[fill(homeScreen.openSafari, { address: `${location.origin}/inbox` })], [homeScreen.typeCode]];
  return steps.map((step) => element("li", {}, ...step));
}

/** The code that signs the installed app in, renewed when it expires. In Safari the app also starts with it. */
function handoffPart(inSafari: boolean): { readonly nodes: readonly HTMLElement[]; readonly close: () => void } {
  const code = element("p", { class: "card padded code", "aria-live": "polite" }, homeScreen.asking);
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
