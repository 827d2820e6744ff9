import { type Browser, type BrowserContext, devices, type Page } from "playwright-core";

export const PHONES = {
  iPhone: devices["iPhone 14"],
  Pixel: devices["Pixel 7"],
} as const;
export type PhoneName = keyof typeof PHONES;

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page must never cause: violations of its policy, errors, requests to anybody else. */
  readonly complaints: string[];
  /** Every request the page made, with its `Referer`. */
  readonly requests: {
    readonly url: string;
    readonly method: string;
    readonly referer: string | undefined;
    readonly origin: string | undefined;
  }[];
}

export interface VisitChoice {
  readonly javaScriptEnabled?: boolean;
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly forcedColors?: "active" | "none";
  readonly reducedMotion?: "reduce" | "no-preference";
  readonly userAgent?: string;
  readonly hasTouch?: boolean;
  readonly locale?: string;
}

/** One phone with a browser of its own, watched. */
export async function visit(browser: Browser, phone: PhoneName, address: string, choice: VisitChoice = {}): Promise<Visit> {
  const context = await browser.newContext({ ...PHONES[phone], ...choice });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: Visit["requests"] = [];
  page.on("console", (message) => {
    // Chromium reports the status of an error page as a failed resource; that is the page's business.
    if (!message.text().startsWith("Failed to load resource")) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url().startsWith("data:") || request.url().startsWith(`blob:${address}/`)) return;
    if (!request.url().startsWith(`${address}/`)) complaints.push(`foreign request: ${request.url()}`);
    void request.allHeaders().then(
      (headers) =>
        requests.push({
          url: request.url().slice(address.length),
          method: request.method(),
          referer: headers["referer"],
          origin: headers["origin"],
        }),
      () => undefined,
    );
  });
  return { page, context, complaints, requests };
}
