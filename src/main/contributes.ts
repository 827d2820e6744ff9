import { textsOf } from "../settings/option.ts";
import { ALL_OPTIONS } from "../settings/options.ts";

export interface ContributedSetting {
  readonly type: "string";
  readonly default: string;
  readonly description: string;
}

/** The commands by their id; a host lists them in its palette and runs them by its registry. */
export const COMMANDS = { pairPhone: "topdog.pairPhone", showPhones: "topdog.showPhones" } as const;

/** What the plugin adds to an IDE, as data: commands, settings and a view. Secrets are no settings: a host's secret store has them. */
export const contributes = {
  commands: [
    { command: COMMANDS.pairPhone, title: "Pair Phone", category: "Top Dog" },
    { command: COMMANDS.showPhones, title: "Paired Phones", category: "Top Dog" },
  ],
  configuration: {
    title: "Phone Pairing",
    properties: Object.fromEntries(
      Object.entries(ALL_OPTIONS)
        .filter(([, { secret }]) => secret === undefined)
        .map(([name, option]): [string, ContributedSetting] => {
          const { description, defaultText } = textsOf(name, option);
          return [name, { type: "string", default: defaultText, description }];
        }),
    ),
  },
  views: [{ id: "topdog.phones", name: "Phone Pairing" }],
} as const;
