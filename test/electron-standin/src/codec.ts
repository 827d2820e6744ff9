/**
 * Value codec used on every boundary of the stand-in (IPC and contextBridge).
 * `makeCodec` is self-contained on purpose: its source text is also injected into the page.
 */
export interface CodecHooks {
  /** contextBridge mode: proxied instead of rejected */
  fn?: (f: (...a: unknown[]) => unknown) => number;
  promise?: (p: Promise<unknown>) => number;
  importFn?: (id: number) => unknown;
  importPromise?: (id: number) => unknown;
  freeze?: boolean;
}

export function makeCodec(hooks: CodecHooks = {}) {
  const tag = (v: unknown) => Object.prototype.toString.call(v);
  const bytesToB64 = (u8: Uint8Array) => {
    let s = "";
    for (let i = 0; i < u8.length; i += 8192) s += String.fromCharCode(...u8.subarray(i, i + 8192));
    return btoa(s);
  };
  const b64ToBytes = (b: string) => Uint8Array.from(atob(b), (c) => c.charCodeAt(0));
  const notCloneable = () => new Error("An object could not be cloned.");

  function encode(root: unknown): string {
    const seen = new Map<object, number>();
    const walk = (v: any, depth: number): any => {
      if (depth > 1000)
        throw new TypeError("Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.");
      if (v === null || typeof v === "string" || typeof v === "boolean") return v;
      if (typeof v === "undefined") return { $: "u" };
      if (typeof v === "number") return Number.isFinite(v) && !Object.is(v, -0) ? v : { $: "n", v: Object.is(v, -0) ? "-0" : String(v) };
      if (typeof v === "bigint") return { $: "i", v: String(v) };
      if (typeof v === "symbol") {
        if (hooks.fn) return { $: "u" };
        throw notCloneable();
      }
      if (typeof v === "function") {
        if (hooks.fn) return { $: "f", v: hooks.fn(v) };
        throw notCloneable();
      }
      const known = seen.get(v);
      if (known !== undefined) return { $: "r", v: known };
      const id = seen.size;
      seen.set(v, id);
      const t = tag(v);
      if (t === "[object Promise]") {
        if (hooks.promise) return { $: "p", v: hooks.promise(v) };
        throw notCloneable();
      }
      if (t === "[object Date]") return { $: "d", id, v: v.getTime() };
      if (t === "[object RegExp]") return { $: "x", id, v: [v.source, v.flags] };
      if (t === "[object Map]") return { $: "m", id, v: [...v].map(([k, x]: any) => [walk(k, depth + 1), walk(x, depth + 1)]) };
      if (t === "[object Set]") return { $: "s", id, v: [...v].map((x: any) => walk(x, depth + 1)) };
      if (t === "[object ArrayBuffer]") return { $: "b", id, k: "ArrayBuffer", v: bytesToB64(new Uint8Array(v)) };
      if (ArrayBuffer.isView(v)) {
        const name = t.slice(8, -1);
        return { $: "b", id, k: name, v: bytesToB64(new Uint8Array(v.buffer, v.byteOffset, v.byteLength)) };
      }
      if (t === "[object Error]" || t === "[object DOMException]")
        return { $: "e", id, v: [String(v.name), String(v.message), String(v.stack ?? "")] };
      if (t === "[object WeakMap]" || t === "[object WeakSet]") throw notCloneable();
      if (Array.isArray(v)) return { $: "a", id, v: Array.from(v, (x) => walk(x, depth + 1)) };
      return { $: "o", id, v: Object.keys(v).map((k) => [k, walk(v[k], depth + 1)]) };
    };
    return JSON.stringify(walk(root, 0));
  }

  function decode(text: string): any {
    const refs: any[] = [];
    const keep = (id: number, v: any) => {
      refs[id] = v;
      return v;
    };
    const done = (v: any) => (hooks.freeze ? Object.freeze(v) : v);
    const walk = (n: any): any => {
      if (n === null || typeof n !== "object") return n;
      switch (n.$) {
        case "u":
          return undefined;
        case "n":
          return n.v === "-0" ? -0 : Number(n.v);
        case "i":
          return BigInt(n.v);
        case "r":
          return refs[n.v];
        case "f":
          return hooks.importFn!(n.v);
        case "p":
          return hooks.importPromise!(n.v);
        case "d":
          return keep(n.id, new Date(n.v));
        case "x":
          return keep(n.id, new RegExp(n.v[0], n.v[1]));
        case "m": {
          const m = keep(n.id, new Map());
          for (const [k, x] of n.v) m.set(walk(k), walk(x));
          return m;
        }
        case "s": {
          const s = keep(n.id, new Set());
          for (const x of n.v) s.add(walk(x));
          return s;
        }
        case "b": {
          const u8 = b64ToBytes(n.v);
          if (n.k === "ArrayBuffer") return keep(n.id, u8.buffer);
          const C: any = (globalThis as any)[n.k] ?? Uint8Array;
          return keep(n.id, C === Uint8Array ? u8 : new C(u8.buffer));
        }
        case "e": {
          const C: any = ({ TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError } as any)[n.v[0]] ?? Error;
          const e = keep(n.id, new C(n.v[1]));
          if (n.v[2]) e.stack = n.v[2];
          return e;
        }
        case "a": {
          const a: any[] = keep(n.id, []);
          for (const x of n.v) a.push(walk(x));
          return done(a);
        }
        default: {
          const o: any = keep(n.id, {});
          for (const [k, x] of n.v) o[k] = walk(x);
          return done(o);
        }
      }
    };
    return walk(JSON.parse(text));
  }
  return { encode, decode };
}
