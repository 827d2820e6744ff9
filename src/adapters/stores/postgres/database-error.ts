import { StorageError } from "../file/storage-file.ts";

/** The database cannot be used as it is. The message is one line: what is wrong with it, and what to do. */
export class DatabaseError extends StorageError {}
