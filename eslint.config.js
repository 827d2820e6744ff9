import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const rawIpc = {
  name: "electron",
  importNames: ["ipcMain", "ipcRenderer"],
  message: "Use src/main/ipc.ts or src/preload/index.ts: every channel there is checked and typed by src/contract.",
};

export default tseslint.config(
  { ignores: ["dist", "node_modules", "**/*.mjs", "**/*.cjs", "eslint.config.js", "test/electron-standin"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.node.json", "./tsconfig.web.json", "./tsconfig.test.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "no-restricted-imports": ["error", { paths: [rawIpc] }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      // What we make are closures in plain objects: none of our methods has a `this`.
      "@typescript-eslint/unbound-method": "off",
      // An adapter's method may be async because its port is.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // Index signatures and noUncheckedIndexedAccess disagree with it on dictionaries that outsiders fill.
      "@typescript-eslint/no-unnecessary-condition": "off",
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: { "no-restricted-syntax": ["error", { selector: "ExportDefaultDeclaration", message: "Name what you export." }] },
  },
  { files: ["src/main/ipc.ts", "src/preload/index.ts"], rules: { "no-restricted-imports": "off" } },
  { files: ["src/renderer/**/*.{ts,tsx}"], ...reactHooks.configs.flat["recommended-latest"] },
  {
    files: ["test/**/*.ts", "test/**/*.tsx", "bench/**/*.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-call": "off",
    },
  },
);
