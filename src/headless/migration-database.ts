import { migrationSetting } from "../host/store-factory.ts";
import { readSettings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { defaultFolder } from "./default-folder.ts";
