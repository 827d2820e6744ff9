/* These functions are stringified and run inside Chromium; nothing here may close over module scope. */

/** One end of the contextBridge: two worlds of one frame talk through synchronous DOM events with JSON details. */
export function makePeer(makeCodec: any, sendName: string, recvName: string) {
  const doc = document;
  const dispatch = doc.dispatchEvent.bind(doc);
  const CE = CustomEvent;
  const fns: any[] = [];
  const pending = new Map<number, { resolve: (v: any) => void; reject: (e: any) => void }>();
  let returned: any;
  let promiseSeq = 0;
  const handlers: Record<string, (m: any) => void> = {};

  const send = (m: any) => {
    dispatch(new CE(sendName, { detail: JSON.stringify(m) }));
  };
  const codec = makeCodec({
    fn: (f: any) => {
      let i = fns.indexOf(f);
      if (i < 0) i = fns.push(f) - 1;
      return i;
    },
    promise: (p: Promise<any>) => {
      const id = promiseSeq++;
      p.then(
        (v) => send({ t: "settle", id, ok: true, v: codec.encode(v) }),
        (e) => send({ t: "settle", id, ok: false, v: codec.encode(e) }),
      );
      return id;
    },
    importFn:
      (id: number) =>
      (...args: any[]) =>
        call(id, args),
    importPromise: (id: number) => new Promise((resolve, reject) => pending.set(id, { resolve, reject })),
    freeze: true,
  });
  function call(id: number, args: any[]) {
    returned = undefined;
    send({ t: "call", id, v: codec.encode(args) });
    const r = returned as any;
    returned = undefined;
    if (!r) throw new Error("electron stand-in: the other world did not answer");
    const v = codec.decode(r.v);
    if (!r.ok) throw v;
    return v;
  }
  doc.addEventListener(recvName, (ev: any) => {
    const m = JSON.parse(ev.detail);
    if (m.t === "call") {
      let out: any;
      try {
        out = { t: "ret", ok: true, v: codec.encode(fns[m.id](...codec.decode(m.v))) };
      } catch (e) {
        out = { t: "ret", ok: false, v: codec.encode(e instanceof Error ? e : new Error(String(e))) };
      }
      send(out);
    } else if (m.t === "ret") returned = m;
    else if (m.t === "settle") {
      const p = pending.get(m.id);
      pending.delete(m.id);
      const v = codec.decode(m.v);
      if (p) (m.ok ? p.resolve : p.reject)(v);
    } else handlers[m.t]?.(m);
  });
  return { send, codec, handlers };
}

export function mainWorldBoot(makeCodec: any, makePeerFn: any, token: string) {
  if (window.parent !== window) return;
  const peer = makePeerFn(makeCodec, `${token}m2i`, `${token}i2m`);
  let exposeError: string | undefined;
  peer.handlers.expose = (m: any) => {
    if (Object.hasOwn(window, m.key)) {
      exposeError = "Cannot bind an API on top of an existing property on the window object";
    } else {
      Object.defineProperty(window, m.key, { value: peer.codec.decode(m.v), writable: false, configurable: false, enumerable: true });
    }
    peer.send({ t: "exposed", error: exposeError });
    exposeError = undefined;
  };
  // window.open / target=_blank go to setWindowOpenHandler in the main process; only `deny` is modelled.
  const ask = (url: string, frameName: string, features: string, disposition: string) =>
    peer.send({ t: "window-open", v: { url, frameName, features, disposition } });
  const abs = (u: string) => {
    try {
      return new URL(u, document.baseURI).href;
    } catch {
      return u;
    }
  };
  window.open = ((url?: string | URL, name?: string, features?: string) => {
    ask(
      url === undefined || url === "" ? "about:blank" : abs(String(url)),
      name ?? "",
      features ?? "",
      features ? "new-window" : "foreground-tab",
    );
    return null;
  }) as typeof window.open;
  document.addEventListener("click", (e) => {
    const a = (e.composedPath()[0] as Element | undefined)?.closest?.("a[target]") as HTMLAnchorElement | null;
    if (a?.target && !["_self", "_top", "_parent"].includes(a.target.toLowerCase()) && a.href && !e.defaultPrevented) {
      e.preventDefault();
      ask(a.href, a.target === "_blank" ? "" : a.target, "", "foreground-tab");
    }
  });
}

export function isolatedWorldBoot(
  makeCodec: any,
  makePeerFn: any,
  cfg: {
    token: string;
    binding: string;
    preloadPath: string;
    process: Record<string, unknown>;
  },
  preload: ((...a: unknown[]) => void) | null,
) {
  if (window.parent !== window) return;
  const g = globalThis as any;
  const toMain = g[cfg.binding] as (s: string) => void;
  const codec = makeCodec();
  const post = (m: any) => toMain(JSON.stringify({ ...m, url: location.href }));
  const peer = makePeerFn(makeCodec, `${cfg.token}i2m`, `${cfg.token}m2i`);
  peer.handlers["window-open"] = (m: any) => post({ t: "window-open", v: codec.encode(m.v) });

  class EventEmitter {
    #l = new Map<string, { fn: any; once: boolean }[]>();
    on(n: string, fn: any) {
      (this.#l.get(n) ?? this.#l.set(n, []).get(n)!).push({ fn, once: false });
      return this;
    }
    once(n: string, fn: any) {
      (this.#l.get(n) ?? this.#l.set(n, []).get(n)!).push({ fn, once: true });
      return this;
    }
    addListener(n: string, fn: any) {
      return this.on(n, fn);
    }
    off(n: string, fn: any) {
      const a = this.#l.get(n);
      const i = a ? a.findIndex((x) => x.fn === fn) : -1;
      if (i >= 0) a!.splice(i, 1);
      return this;
    }
    removeListener(n: string, fn: any) {
      return this.off(n, fn);
    }
    removeAllListeners(n?: string) {
      if (n === undefined) this.#l.clear();
      else this.#l.delete(n);
      return this;
    }
    listenerCount(n: string) {
      return this.#l.get(n)?.length ?? 0;
    }
    emit(n: string, ...a: any[]) {
      const l = [...(this.#l.get(n) ?? [])];
      for (const x of l) {
        if (x.once) this.off(n, x.fn);
        x.fn.apply(this, a);
      }
      return l.length > 0;
    }
  }

  let seq = 0;
  const waiting = new Map<number, { resolve: (v: any) => void; reject: (e: any) => void }>();
  const refuse = (what: string) => {
    throw new Error(`electron stand-in: ${what} is not implemented in the preload`);
  };
  class IpcRenderer extends EventEmitter {
    send(channel: string, ...args: any[]) {
      post({ t: "send", channel, v: codec.encode(args) });
    }
    async invoke(channel: string, ...args: any[]) {
      const v = codec.encode(args);
      const id = seq++;
      const r: any = await new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        post({ t: "invoke", id, channel, v });
      });
      if (r.error !== undefined) throw new Error(`Error invoking remote method '${channel}': ${r.error}`);
      return r.result;
    }
    sendSync() {
      refuse("ipcRenderer.sendSync (a blocking call; use invoke)");
    }
    sendToHost() {
      refuse("ipcRenderer.sendToHost");
    }
    postMessage() {
      refuse("ipcRenderer.postMessage");
    }
  }
  const ipcRenderer = new IpcRenderer();
  Object.defineProperty(g, `${cfg.binding}_deliver`, {
    value: (text: string) => {
      const m = JSON.parse(text);
      if (m.t === "reply") {
        const w = waiting.get(m.id);
        waiting.delete(m.id);
        w?.resolve(codec.decode(m.v));
      } else if (m.t === "event")
        ipcRenderer.emit(m.channel, { sender: ipcRenderer, ports: [], preventDefault() {}, defaultPrevented: false }, ...codec.decode(m.v));
    },
  });

  let exposeResult: any;
  peer.handlers.exposed = (m: any) => {
    exposeResult = m;
  };
  const contextBridge = {
    exposeInMainWorld(key: string, api: unknown) {
      if (typeof key !== "string") throw new TypeError("contextBridge.exposeInMainWorld: key must be a string");
      exposeResult = undefined;
      peer.send({ t: "expose", key, v: peer.codec.encode(api === ipcRenderer ? {} : api) });
      if (!exposeResult) throw new Error("electron stand-in: main world bridge is missing");
      if (exposeResult.error) throw new Error(exposeResult.error);
    },
    exposeInIsolatedWorld() {
      refuse("contextBridge.exposeInIsolatedWorld");
    },
    executeInMainWorld() {
      refuse("contextBridge.executeInMainWorld");
    },
  };
  const strict = (o: any, name: string) =>
    new Proxy(o, {
      get(t, k, _r) {
        if (typeof k === "symbol" || k in t || k === "then" || k === "toJSON") return Reflect.get(t, k, t);
        return refuse(`${name}.${String(k)}`);
      },
    });
  const electron = strict({ ipcRenderer, contextBridge, default: undefined, __esModule: undefined }, "electron");
  const preloadProcess = Object.assign(new EventEmitter(), cfg.process, { contextIsolated: true, sandboxed: true, type: "renderer" });
  const modules: Record<string, unknown> = {
    electron,
    "electron/common": electron,
    "electron/renderer": electron,
    events: Object.assign(EventEmitter, { EventEmitter, default: EventEmitter }),
    "node:events": EventEmitter,
    timers: { setTimeout, setInterval, clearTimeout, clearInterval },
    "node:timers": { setTimeout, setInterval, clearTimeout, clearInterval },
    url: { URL, URLSearchParams },
    "node:url": { URL, URLSearchParams },
  };
  const require = (name: string) => {
    if (Object.hasOwn(modules, name)) return modules[name];
    throw new Error(`module not found: ${name}`);
  };
  if (preload === null) return;
  try {
    const module = { exports: {} };
    preload(require, preloadProcess, module.exports, module, undefined, g, (f: any, ...a: any[]) => setTimeout(f, 0, ...a), clearTimeout);
  } catch (e: any) {
    console.error(`Unable to load preload script: ${cfg.preloadPath}`);
    console.error(e);
    post({ t: "preload-error", v: codec.encode(e instanceof Error ? e : new Error(String(e))) });
  }
}
