// For `node --import`: time is moved by hand, for all processes with the same file. It contains the offset in milliseconds.
import { readFileSync } from "node:fs";

const real = Date.now.bind(Date);
Date.now = () => real() + Number(readFileSync(process.env.MOVED_CLOCK, "utf8"));
