/** For an input whose text is no prose: the browser does not complete, capitalize or check it. */
export const VERBATIM = { autoComplete: "off", autoCapitalize: "off", spellCheck: false } as const;
