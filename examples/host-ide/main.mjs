// An IDE that embeds Phone Pairing: what is needed, and nothing else.
import path from "node:path";
import { app, BrowserWindow, Menu, protocol } from "electron";
import { activate, contributes, deactivate, PAGE_SCHEME } from "topdog-phone";

// An app registers its schemes once, before it is ready: its own, and the plugin's.
protocol.registerSchemesAsPrivileged([PAGE_SCHEME]);

/** The IDE's command registry: whatever a plugin registers can be run by its id. */
const commands = new Map();
function registerCommand(command, run) {
  commands.set(command, run);
  return { dispose: () => commands.delete(command) };
}

/** The IDE's own window; its title says which phones it knows. */
let ide;
function openIde() {
  ide = new BrowserWindow({ width: 900, height: 600, webPreferences: { sandbox: true, contextIsolation: true } });
  void ide.loadURL("data:text/html,<title>Host IDE</title><h1>Host IDE</h1>");
}

/** The palette's entries: the commands that the plugin contributes. */
function menuOf({ commands: contributed }) {
  return Menu.buildFromTemplate([
    { role: "fileMenu" },
    { role: "editMenu" },
    {
      label: "Commands",
      submenu: contributed.map(({ command, title, category }) => ({
        id: command,
        label: `${category}: ${title}`,
        click: () => commands.get(command)?.(),
      })),
    },
  ]);
}

app.whenReady().then(async () => {
  openIde();
  Menu.setApplicationMenu(menuOf(contributes));
  try {
    const phones = await activate({
      storageFolder: path.join(app.getPath("userData"), "phones"),
      // What the IDE's settings say; the names are those of contributes.configuration.
      settings: { PAIRING_PORT: process.env.HOST_IDE_PORT, PAIRING_PHONE_PORT: process.env.HOST_IDE_PHONE_PORT, PAIRING_USER_NAME: "Jane" },
      log: {
        info: (line) => console.log(line),
        warn: (line) => console.warn(line),
        error: (line) => console.error(line),
      },
      openWindow: (options) => new BrowserWindow(options),
      registerCommand,
    });
    phones.onDidPair(async ({ name }) => {
      const { length } = await phones.devices();
      console.log(`Host IDE: ${name} is paired, phones: ${length}`);
    });
    phones.onDidRevoke(({ name }) => console.log(`Host IDE: ${name} is revoked`));
    // What phones may ask for by voice: a person has seen and tapped it before it comes here.
    phones.onVoiceCommand([{ action: "build", targets: ["host project"] }], async ({ action, target }) => {
      console.log(`Host IDE: a phone asks to ${action} ${target}`);
      return `${target} is built.`;
    });
    console.log(`Host IDE: scripts ask ${phones.localAddress}`);
    commands.get(contributes.commands[0].command)();
  } catch (cause) {
    // One sentence for the person: a port in use, a folder that cannot be written, a wrong setting.
    console.error(`Host IDE: Phone Pairing is off. ${cause.message}`);
  }
});

// The plugin finishes what is in flight before the IDE ends.
let finished = false;
app.on("will-quit", (event) => {
  if (finished) return;
  event.preventDefault();
  void deactivate().finally(() => {
    finished = true;
    app.quit();
  });
});
app.on("window-all-closed", () => app.quit());
