/** Paths with parameters → values, one step per segment however many routes there are. */
export interface RouteTree<T> {
  add(path: string, method: string, value: T): void;
  /** The methods of a path with its parameters, still percent-encoded; `undefined` when there is no such path. */
  find(path: string): { readonly methods: ReadonlyMap<string, T>; readonly params: Readonly<Record<string, string>> } | undefined;
}

interface Node<T> {
  readonly literal: Map<string, Node<T>>;
  parameter?: Node<T>;
  readonly methods: Map<string, T>;
  /** The names of the parameters of the path that ends here, in their order. */
  names: readonly string[];
}

/** Throws when one path would have two sets of names for its parameters. */
export function createRouteTree<T>(): RouteTree<T> {
  const make = (): Node<T> => ({ literal: new Map(), methods: new Map(), names: [] });
  const root = make();
  return {
    add(path, method, value) {
      let node = root;
      const names: string[] = [];
      for (const segment of path.slice(1).split("/")) {
        const name = /^\{(\w+)\}$/.exec(segment)?.[1];
        if (name !== undefined) {
          names.push(name);
          node.parameter ??= make();
          node = node.parameter;
          continue;
        }
        const next = node.literal.get(segment) ?? make();
        node.literal.set(segment, next);
        node = next;
      }
      if (node.methods.size > 0 && node.names.join("/") !== names.join("/")) throw new Error(`${path} has other parameters, too`);
      node.names = names;
      node.methods.set(method, value);
    },
    find(path) {
      const values: string[] = [];
      let node = root;
      let start = 1;
      while (start <= path.length) {
        const slash = path.indexOf("/", start);
        const end = slash === -1 ? path.length : slash;
        const segment = path.slice(start, end);
        const next = node.literal.get(segment);
        if (next) node = next;
        else if (node.parameter && segment !== "") {
          values.push(segment);
          node = node.parameter;
        } else return undefined;
        start = end + 1;
        if (slash === -1) break;
      }
      if (node.methods.size === 0) return undefined;
      return { methods: node.methods, params: Object.fromEntries(node.names.map((name, index) => [name, values[index] ?? ""])) };
    },
  };
}
