export const verify = { title: "" } as const;
