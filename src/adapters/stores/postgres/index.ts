export { copyRecords } from "./copy-records.ts";
export { exportDatabase } from "./export.ts";
export { importStorage } from "./import.ts";
export { inspectDatabase } from "./inspect-database.ts";
export { migrate } from "./migrate.ts";
export { openPostgresStore } from "./postgres-store.ts";
export { openSharedDatabase, withSharedDatabase } from "./shared-database.ts";
