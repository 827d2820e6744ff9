import { fill as fillIn, type Message, type Params } from "../words/message.ts";
import { language } from "../words/phone.ts";

/** Fills a sentence of the catalogue in this page's language. */
export function fill(message: Message, params?: Params): string {
  return fillIn(message, params, language);
}
