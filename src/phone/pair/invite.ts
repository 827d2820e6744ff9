import { valueOfField } from "./elements.ts";

/** The question's form; `null` on a result page. */
export const form = document.querySelector<HTMLFormElement>("#ask");

export const query = new URLSearchParams(location.search);
/** The same page serves invites by text message and by QR code; on the wire they have other names. */
export const byQr = form ? form.dataset["by"] === "qr" : query.has("token");
export const codeField = byQr ? "token" : "code";
/** A page that was reloaded holds the code itself; before that only the address does. */
export const code = valueOfField(codeField) || (query.get(codeField) ?? "");
