/** Commands of the pages that this test does not run, and the test that runs them, or the reason why none can. */
export const NOT_RUN: readonly { readonly command: RegExp; readonly because: string }[] = [
  {
    command: /^npm ci && npm start$/,
    because: "test/e2e/desktop.test.ts starts the app, test/e2e/headless.test.ts what starts without a display",
  },
  { command: /^npm test$/, because: "this test is part of it" },
  { command: /^npm run serve$/, because: "test/e2e/headless.test.ts" },
  { command: /^npm run package\b/, because: "test/package/packed.test.ts" },
  { command: /^npm run test:package\b/, because: "test/package/packed.test.ts is what it runs" },
  { command: /^npm install \.\.\/\.\.\/topdog-phone-0\.1\.0\.tgz electron\b/, because: "test/e2e/plugin.test.ts" },
  { command: /^npx electron \.$/, because: "test/e2e/plugin.test.ts" },
  { command: /^topdog-phone verify$/, because: "test/e2e/verify.test.ts" },
  { command: /^apt-get install mosquitto /, because: "it changes the system; test/mqtt/mosquitto.test.ts uses the same packages" },
  { command: /^mosquitto_ctrl dynsec init /, because: "test/mqtt/mosquitto.ts runs it for test/mqtt/mosquitto.test.ts" },
  { command: /^chown mosquitto: /, because: "it needs the account of Debian's mosquitto package" },
  { command: /^aws configure$/, because: "it asks for an AWS account; test/adapters/sms/choose.test.ts reads the files that it writes" },
  { command: /^docker (build|run) /, because: "it needs Docker's daemon and images; test/deploy/dockerfile.test.ts" },
  { command: /^docker push /, because: "it needs a registry" },
  { command: /^docker compose /, because: "it needs Docker's daemon; test/deploy/compose.test.ts runs the services and their commands" },
  {
    command: /^(cd deploy|cp \.env\.example |cp \/etc\/letsencrypt\/|ch(mod|own) |mkdir -m 0711 secrets|openssl rand -base64 32 >)/,
    because: "it is for a folder of its own as root; test/deploy/compose-world.ts makes the same files",
  },
  {
    command: /^export TOPDOG_OWNER_PASSWORD=|^psql -d topdog -f /,
    because: "test/deploy/compose-world.ts runs accounts.sql with passwords",
  },
  { command: /^pg_dump /, because: "test/deploy/compose.test.ts runs it with the address of its own database" },
  { command: /^psql -d topdog_damaged /, because: "test/deploy/compose.test.ts runs its question before the restore" },
  { command: /^kubectl kustomize /, because: "test/deploy/kubernetes.test.ts" },
  {
    command: /^kubectl (-n topdog-pairing )?(create|label|apply|delete|wait|scale|rollout|logs|port-forward|exec) /,
    because: "it needs a cluster; test/deploy/kubernetes.test.ts checks what it applies",
  },
  { command: /^ADMIN_TOKEN="\$\(kubectl /, because: "it needs a cluster" },
];
