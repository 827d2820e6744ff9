import { EventEmitter } from "node:events";

/** Loaded into a utility process before its own script: `process.parentPort` over the channel that Node.js has. */
class ParentPort extends EventEmitter {
  postMessage(message: unknown) {
    process.send?.(message as object);
  }
}
const parentPort = new ParentPort();
// Node.js holds back what is sent until somebody listens; so does Electron, until the script listens.
parentPort.on("newListener", (event) => {
  if (event === "message" && parentPort.listenerCount("message") === 0)
    process.on("message", (data) => parentPort.emit("message", { data, ports: [] }));
});
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
Object.defineProperty(process, "parentPort", { value: parentPort });
