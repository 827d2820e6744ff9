import { config } from "zod";

// The schemas would try `new Function`, which the page's policy reports as a violation. Import this before any schema.
config({ jitless: true });
