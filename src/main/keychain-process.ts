import { utilityProcess } from "electron";
import type { KeychainProcess } from "../adapters/secrets/keychain-calls.ts";

/** The keychain is asked from a process of its own: Electron's own kind, because the packaged app is no Node.js for others to run. */
export function startKeychain(file: string): KeychainProcess {
  const child = utilityProcess.fork(file, [], { serviceName: "Top Dog keychain", stdio: "ignore" });
  return {
    send: (question) => child.postMessage(question),
    onMessage: (listener) => void child.on("message", listener),
    onExit: (listener) => void child.once("exit", listener),
    end: () => void child.kill(),
  };
}
