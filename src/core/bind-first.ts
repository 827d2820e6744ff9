type UseCase = (...args: never[]) => unknown;
type Bound<Fixed extends readonly unknown[], Case> = Case extends (...args: [...Fixed, ...infer Rest]) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The use cases with their first arguments (ports, settings) given. */
export function bindFirst<const Fixed extends readonly unknown[], Cases extends Readonly<Record<string, UseCase>>>(
  fixed: Fixed,
  cases: Cases,
): { readonly [Name in keyof Cases]: Bound<Fixed, Cases[Name]> } {
  const bound = Object.entries(cases).map(([name, useCase]) => [name, useCase.bind(undefined, ...(fixed as unknown as never[]))]);
  return Object.fromEntries(bound) as { [Name in keyof Cases]: Bound<Fixed, Cases[Name]> };
}
