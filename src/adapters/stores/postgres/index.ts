export { migrate } from "./migrate.ts";
export { openPostgresStore } from "./postgres-store.ts";
