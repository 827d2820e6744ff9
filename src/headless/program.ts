import { Argument, Command, type Help, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { messageOf } from "../base/message-of.ts";
import { BUILD_STATUSES, PRIORITIES, RISKS } from "../contract/build-words.ts";
import { LEVELS, type Level } from "../contract/levels.ts";
import { say } from "../words/say.ts";
import type { ApproveOptions } from "./approve.ts";
import type { ConfirmOptions } from "./confirm.ts";
import type { LevelOptions, RevokeOptions } from "./devices.ts";
import type { InviteOptions } from "./invite.ts";
import type { NotifyOptions } from "./notify.ts";
import type { QrOptions } from "./show-qr.ts";

interface Json {
  readonly json?: true;
}

/** The commands of `topdog-phone`. Each imports its code when it runs, so that `--help` is quick. */
export function createProgram(starts: (command: string) => void): Command {
  const program = new Command("topdog-phone")
    .description(say("commandLine.about"))
    .version(packageJson.version, "-V, --version", say("commandLine.helpVersion"))
    .helpOption("-h, --help", say("commandLine.helpForOption"))
    .helpCommand("help [command]", say("commandLine.helpForCommand"))
    .configureHelp({ styleTitle: titleInWords, optionDescription: descriptionInWords, argumentDescription: argumentInWords })
    .showHelpAfterError(say("commandLine.seeHelp"))
    .hook("preAction", (_, command) => starts(command.name()));
  addServer(program);
  addPairing(program);
  addBuilds(program);
  addChecks(program);
  return program;
}

function addServer(program: Command): void {
  program
    .command("serve")
    .description(say("commandLine.serve"))
    .action(async () => {
      const { serve } = await import("./serve.ts");
      await serve(process.env, packageJson.version);
    });
  program
    .command("migrate")
    .description(say("commandLine.migrate"))
    .option("--json", say("commandLine.json"))
    .action(async ({ json }: Json) => {
      const { migrateDatabase } = await import("./migrate.ts");
      await printOrFail(migrateDatabase(process.env, json === true));
    });
  program
    .command("import")
    .description(say("commandLine.import"))
    .argument("<folder>", say("commandLine.importFolder"))
    .option("--json", say("commandLine.jsonImport"))
    .action(async (folder: string, { json }: Json) => {
      const { importIntoDatabase } = await import("./import.ts");
      process.exitCode = await importIntoDatabase(process.env, folder, json === true);
    });
  program
    .command("rotate-key")
    .description(say("commandLine.rotateKey"))
    .option("--json", say("commandLine.json"))
    .action(async ({ json }: Json) => {
      const { rotateKey } = await import("./rotate-key.ts");
      await printOrFail(rotateKey(process.env, json === true));
    });
  program
    .command("secrets")
    .description(say("commandLine.secrets"))
    .command("rotate")
    .description(say("commandLine.rotateSecrets"))
    .option("--json", say("commandLine.jsonSecrets"))
    .action(async ({ json }: Json) => {
      const { rotateSecrets } = await import("./rotate-secrets.ts");
      await printOrFail(rotateSecrets(process.env, json === true));
    });
}

function addPairing(program: Command): void {
  program
    .command("qr")
    .description(say("commandLine.qr"))
    .addOption(levelOption())
    .option("--json", say("commandLine.jsonQr"))
    .action(async (options: QrOptions) => {
      const { showQr } = await import("./show-qr.ts");
      await printOrFail(showQr(process.env, options));
    });
  program
    .command("invite")
    .description(say("commandLine.invite"))
    .argument("<phone-number>", say("commandLine.phoneNumber"))
    .option("--user <id>", say("commandLine.inviteUser"))
    .option("--name <name>", say("commandLine.inviteName"))
    .addOption(levelOption())
    .option("--json", say("commandLine.json"))
    .action(async (phoneNumber: string, options: InviteOptions) => {
      const { invite } = await import("./invite.ts");
      await printOrFail(invite(process.env, phoneNumber, options));
    });
  program
    .command("confirm")
    .description(say("commandLine.confirm"))
    .argument("[digits]", say("commandLine.digits"))
    .option("--admin-token-file <file>", say("commandLine.adminTokenFile"))
    .addOption(new Option("--level <level>", say("commandLine.confirmLevel")).choices(LEVELS))
    .option("--json", say("commandLine.json"))
    .action(async (digits: string | undefined, options: ConfirmOptions) => {
      const { confirm } = await import("./confirm.ts");
      await printOrFail(confirm(process.env, digits, options));
    });
  addDevices(program);
}

function addDevices(program: Command): void {
  program
    .command("devices")
    .description(say("commandLine.devices"))
    .option("--json", say("commandLine.json"))
    .action(async ({ json }: Json) => {
      const { devices } = await import("./devices.ts");
      await printOrFail(devices(process.env, json === true));
    })
    .command("level")
    .description(say("commandLine.level"))
    .argument("<device-id>", say("commandLine.deviceId"))
    .addArgument(new Argument("<level>", say("commandLine.inviteLevel")).choices(LEVELS))
    .option("--admin-token-file <file>", say("commandLine.levelTokenFile"))
    .option("--user <id>", say("commandLine.revokeUser"))
    .option("--json", say("commandLine.json"))
    .action(async (deviceId: string, level: Level, _options: LevelOptions, command: Command) => {
      const { changeLevel } = await import("./devices.ts");
      // The command above has an option --json as well, and takes it.
      await printOrFail(changeLevel(process.env, deviceId, level, command.optsWithGlobals()));
    });
  program
    .command("revoke")
    .description(say("commandLine.revoke"))
    .argument("<device-id>", say("commandLine.deviceId"))
    .option("--user <id>", say("commandLine.revokeUser"))
    .option("--json", say("commandLine.json"))
    .action(async (deviceId: string, options: RevokeOptions) => {
      const { revoke } = await import("./devices.ts");
      await printOrFail(revoke(process.env, deviceId, options));
    });
}

function levelOption(): Option {
  return new Option("--level <level>", say("commandLine.inviteLevel")).choices(LEVELS);
}

function addBuilds(program: Command): void {
  program
    .command("notify")
    .description(say("commandLine.notify"))
    .argument("<message>", say("commandLine.message"))
    .addOption(new Option("--status <status>", say("commandLine.status")).choices(BUILD_STATUSES).makeOptionMandatory())
    .requiredOption("--project <name>", say("commandLine.project"))
    .addOption(new Option("--priority <priority>", say("commandLine.priority")).choices(PRIORITIES))
    .option("--action-required", say("commandLine.actionRequired"))
    .option("--build <id>", say("commandLine.build"))
    .option("--device <id>", say("commandLine.device"))
    .option("--user <id>", say("commandLine.user"))
    .addOption(new Option("--all", say("commandLine.all")).conflicts(["device", "user"]))
    .option("--json", say("commandLine.json"))
    .action(async (message: string, options: NotifyOptions) => {
      const { notify } = await import("./notify.ts");
      await printOrFail(notify(process.env, message, options));
    });
  program
    .command("approve")
    .description(say("commandLine.approve"))
    .requiredOption("--project <name>", say("commandLine.project"))
    .requiredOption("--plan <text>", say("commandLine.plan"))
    .option("--by <name>", say("commandLine.by"))
    .addOption(new Option("--risk <risk>", say("commandLine.risk")).choices(RISKS))
    .option("--timeout <time>", say("commandLine.timeout"), "10m")
    .option("--files <names...>", say("commandLine.files"))
    .option("--duration <words>", say("commandLine.duration"), say("commandLine.unknownDuration"))
    .option("--build <id>", say("commandLine.build"))
    .option("--device <id>", say("commandLine.device"))
    .option("--user <id>", say("commandLine.user"))
    .addOption(new Option("--all", say("commandLine.all")).conflicts(["device", "user"]))
    .option("--json", say("commandLine.jsonApproval"))
    // Exit code 3, so that a script can distinguish an error from a rejection.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 3))
    .action(async (options: ApproveOptions) => {
      const { approve } = await import("./approve.ts");
      process.exitCode = await approve(process.env, options);
    });
}

function addChecks(program: Command): void {
  program
    .command("verify")
    .description(say("commandLine.verify"))
    .option("--json", say("commandLine.jsonRows"))
    .option("--restart <command>", say("commandLine.restart"))
    .option("--wait", say("commandLine.wait"))
    .action(async ({ json, restart, wait }: Json & { readonly restart?: string; readonly wait?: true }) => {
      const { verify } = await import("./verify/verify.ts");
      process.exitCode = await verify(process.env, { json: json === true, restart, wait: wait === true }, packageJson.version);
    });
  program
    .command("doctor")
    .description(say("commandLine.doctor"))
    .option("--json", say("commandLine.jsonChecks"))
    .action(async ({ json }: Json) => {
      const { doctor } = await import("./doctor/doctor.ts");
      process.exitCode = await doctor(process.env, json === true);
    });
  program
    .command("export")
    .description(say("commandLine.export"))
    .argument("<folder>", say("commandLine.folder"))
    .option("--json", say("commandLine.jsonExport"))
    .action(async (folder: string, { json }: Json) => {
      const { exportForAuditor } = await import("./export.ts");
      process.exitCode = await exportForAuditor(process.env, folder, json === true);
    });
}

/** Commander's own headings. */
function titleInWords(title: string): string {
  switch (title) {
    case "Usage:":
      return say("commandLine.helpUsage");
    case "Arguments:":
      return say("commandLine.helpArguments");
    case "Options:":
      return say("commandLine.helpOptions");
    case "Commands:":
      return say("commandLine.helpCommands");
    default:
      return title;
  }
}

function argumentInWords(this: Help, { description, argChoices }: Argument): string {
  return [description, ...(argChoices === undefined ? [] : [say("commandLine.helpChoices", { values: argChoices.join(", ") })])].join(" ");
}

function descriptionInWords(this: Help, { description, argChoices, defaultValue, negate }: Option): string {
  return [
    description,
    ...(argChoices === undefined ? [] : [say("commandLine.helpChoices", { values: argChoices.join(", ") })]),
    ...(typeof defaultValue === "string" && !negate ? [say("commandLine.helpDefault", { value: defaultValue })] : []),
  ].join(" ");
}

/** The result goes to standard output, the reason of a failure to standard error. */
async function printOrFail(work: Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await work}\n`);
  } catch (cause) {
    process.stderr.write(`${messageOf(cause)}\n`);
    process.exitCode = 1;
  }
}
