/** Paths with parameters → values, one step per segment however many routes there are. */
export interface RouteTree<T> {
  add(path: string, method: string, value: T): void;
  /** The methods of a path with its parameters, still percent-encoded; `undefined` when there is no such path. */
  find(path: string): { readonly methods: ReadonlyMap<string, T>; readonly params: Readonly<Record<string, string>> } | undefined;
}

interface Node<T> {
  readonly literal: Map<string, Node<T>>;
  parameter?: { readonly name: string; readonly node: Node<T> };
  readonly methods: Map<string, T>;
}

export function createRouteTree<T>(): RouteTree<T> {
  const make = (): Node<T> => ({ literal: new Map(), methods: new Map() });
  const root = make();
  return {
    add(path, method, value) {
      let node = root;
      for (const segment of path.slice(1).split("/")) {
        const name = /^\{(\w+)\}$/.exec(segment)?.[1];
        if (name !== undefined) {
          node.parameter ??= { name, node: make() };
          node = node.parameter.node;
          continue;
        }
        const next = node.literal.get(segment) ?? make();
        node.literal.set(segment, next);
        node = next;
      }
      node.methods.set(method, value);
    },
    find(path) {
      const params: Record<string, string> = {};
      let node = root;
      let start = 1;
      while (start <= path.length) {
        const slash = path.indexOf("/", start);
        const end = slash === -1 ? path.length : slash;
        const segment = path.slice(start, end);
        const next = node.literal.get(segment);
        if (next) node = next;
        else if (node.parameter && segment !== "") {
          params[node.parameter.name] = segment;
          node = node.parameter.node;
        } else return undefined;
        start = end + 1;
        if (slash === -1) break;
      }
      return node.methods.size > 0 ? { methods: node.methods, params } : undefined;
    },
  };
}
