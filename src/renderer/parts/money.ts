import { locale } from "../words/words.ts";

/** `$0.0079`: prices of text messages are parts of a cent. */
export function dollars(amount: number): string {
  return new Intl.NumberFormat(locale(), {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: 2,
    maximumFractionDigits: 5,
  }).format(amount);
}
