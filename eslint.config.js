import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/*
 * Flat config keeps only the last matching entry of a rule for a file. So each folder is one zone, and a zone
 * states its whole border (no-restricted-imports) and its whole list of refused syntax (no-restricted-syntax).
 */

// What a specifier may look like; a zone puts together those it allows. No path climbs after it has gone down.
const file = String.raw`[\w-][\w.-]*`;
const path = String.raw`(?:[\w-]+/)*${file}`;
const core = String.raw`(?:\.\./)+core/${path}`;
const protocol = String.raw`(?:\.\./)+protocol/${path}`;
const commands = String.raw`(?:\.\./)+commands/${path}`;
const below = String.raw`\./${path}`;
const beside = String.raw`\./${file}`;
// From a subfolder; the files beside the folders of electron/ compose, so nothing imports them.
const above = String.raw`\.\./(?!(?:boot|daemon|doctor|headless|main|pieces|preload)\.ts)${file}`;
const node = String.raw`node:[\w/]+`;

const refused = {
  reveal: {
    selector: "CallExpression[callee.property.name='reveal']",
    message:
      "A secret is revealed only by the keychain, the sources and the one place that writes a reply.",
  },
  issue: {
    selector: "CallExpression[callee.property.name='issue']",
    message:
      "What a verb hands out passes the gate and is on record: fetched, in silent.ts, sees to that.",
  },
  privateWord: {
    selector:
      ":matches(PropertyDefinition, MethodDefinition[kind!='constructor'])[accessibility='private']",
    message: "Use a #private field: it is private at run time too.",
  },
  newDate: {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Time is an argument in core: ask the Clock.",
  },
  callDate: {
    selector: "CallExpression[callee.name='Date']",
    message: "Time is an argument in core: ask the Clock.",
  },
  html: {
    selector:
      "MemberExpression[property.name=/^(?:innerHTML|outerHTML|insertAdjacentHTML)$/], :matches(JSXIdentifier, Property > Identifier)[name='dangerouslySetInnerHTML']",
    message: "The view is drawn from values, never from markup.",
  },
  storage: {
    selector: "MemberExpression[property.name=/^(?:localStorage|sessionStorage|indexedDB)$/]",
    message: "The renderer keeps nothing: it draws the pushed View.",
  },
};

/** The border of one folder: imports that match none of `allowed` are refused, with the reason; so is import(), of code and of types. */
function zone(files, { allowed, reason, typesOnly, syntax = [refused.reveal], rules = {} }) {
  const outside = `^(?!(?:${allowed.join("|")})$)`;
  const patterns = [{ regex: outside, message: reason }];
  if (typesOnly !== undefined) {
    patterns.push({ regex: `^(?:${typesOnly})$`, message: reason, allowTypeImports: true });
  }
  const dynamic = {
    // esquery ends a regular expression at its first slash, so slashes are written as code points.
    selector: `:matches(ImportExpression, TSImportType) Literal[value=/${outside.replaceAll("/", String.raw`\u002F`)}/]`,
    message: reason,
  };
  return {
    files: [files],
    rules: {
      "no-restricted-imports": ["error", { patterns }],
      "no-restricted-syntax": ["error", refused.privateWord, dynamic, ...syntax],
      ...rules,
    },
  };
}

const names = (list, message) => list.map((name) => ({ name, message }));

const coreRules = {
  "no-restricted-globals": [
    "error",
    ...names(
      [
        "setTimeout",
        "setInterval",
        "setImmediate",
        "clearTimeout",
        "clearInterval",
        "clearImmediate",
        "performance",
      ],
      "Time is an argument in core: ask the Clock.",
    ),
    ...names(["crypto"], "Chance is an argument in core."),
    ...names(
      ["process", "fetch", "console", "global", "globalThis", "require"],
      "Core knows neither Node nor the network: it is given what it needs.",
    ),
  ],
  "no-restricted-properties": [
    "error",
    {
      object: "Date",
      property: "now",
      message: "Time is an argument in core: ask the Clock.",
    },
    { object: "Math", property: "random", message: "Chance is an argument in core." },
  ],
};

const platform = {
  allowed: [
    core,
    protocol,
    below,
    above,
    node,
    "keytar",
    "zod",
    "jsonc-parser",
    "https-proxy-agent",
    "agent-base",
    "node-cron",
  ],
  reason:
    "platform/ imports core, protocol, Node and its few libraries: it is the machine and knows no cloud and no Electron.",
};

const server = {
  allowed: [core, protocol, commands, below, above, node, "zod"],
  typesOnly: commands,
  reason:
    "server/ imports core, protocol and the types of commands, and zod: a door knows no SDK and no Electron.",
};

const verbs = {
  allowed: [core, protocol, below, above, node],
  reason: "commands/ imports core and protocol only: a verb knows no SDK and no Electron.",
  syntax: [refused.reveal, refused.issue],
};

const zones = [
  zone("electron/core/**/*.ts", {
    allowed: [below],
    reason: "core/ imports nothing outside core: it is the domain and runs anywhere.",
    syntax: [refused.reveal, refused.newDate, refused.callDate],
    rules: coreRules,
  }),
  zone("electron/protocol/**/*.ts", {
    allowed: [core, below, "node:path", "zod"],
    reason:
      "protocol/ imports core, node:path and zod only: both sides of a process boundary load it.",
  }),
  zone("electron/protocol/texts/*.ts", {
    allowed: [core, beside, String.raw`\.\./(?:update-)?view\.ts`],
    reason:
      "texts/ imports the names of what it says, and nothing else: it is what gets translated.",
  }),
  zone("electron/sources/**/*.ts", {
    allowed: [
      core,
      beside,
      String.raw`\.\./${file}`,
      node,
      String.raw`@aws-sdk/${path}`,
      "@aws/bedrock-token-generator",
      String.raw`@smithy/${path}`,
      "google-auth-library",
      "gaxios",
      "openid-client",
      "jose",
      "zod",
    ],
    reason:
      "A source imports core, its own folder, the files that all sources share, Node, zod, the cloud SDKs and the libraries of its protocol: it knows neither the platform nor another source.",
    syntax: [],
  }),
  zone("electron/platform/**/*.ts", platform),
  zone("electron/platform/{keychain*,network-secrets,secret-page}.ts", { ...platform, syntax: [] }),
  // The desktop's message bus stays behind this folder.
  zone("electron/platform/dbus/*.ts", {
    ...platform,
    allowed: [...platform.allowed, "dbus-native"],
  }),
  zone("electron/commands/**/*.ts", verbs),
  // The gate's own way, sign-ins that prove themselves, and a look at scopes: none of the others hands anything out.
  zone("electron/commands/{silent,aws-login,auth-refresh,gcp-login,gcp-token}.ts", {
    ...verbs,
    syntax: [refused.reveal],
  }),
  zone("electron/server/**/*.ts", server),
  // What is kept in the keychain, and the one writer of replies.
  zone("electron/server/{kept,reply}.ts", { ...server, syntax: [] }),
  zone("electron/shell/**/*.ts", {
    allowed: [core, protocol, below, above, node, "electron"],
    reason: "shell/ imports core, protocol, Node and Electron: it shows the View, nothing else.",
  }),
  zone("electron/shell/updates/*.ts", {
    allowed: [
      core,
      protocol,
      beside,
      above,
      node,
      "electron",
      String.raw`electron-updater(?:/out/${path})?`,
      "js-yaml",
      "zod",
    ],
    reason:
      "shell/updates/ imports what shell/ does, electron-updater, and what reads its metadata: nobody else updates anything.",
  }),
  zone("electron/preload.ts", {
    allowed: [String.raw`\./protocol/${path}`, "electron"],
    reason: "preload.ts imports the protocol and Electron only: it runs in the sandbox.",
  }),
  zone("electron/assembly/**/*.ts", {
    allowed: [
      String.raw`\.\./(?:core|protocol|sources|platform|commands|server)/${path}`,
      beside,
      node,
    ],
    reason:
      "assembly/ puts together what needs no Electron: no shell/, no Electron, no library, and nothing of what runs it.",
  }),
  zone("electron/{daemon,doctor,headless}.ts", {
    allowed: [
      String.raw`\./(?:core|protocol|sources|platform|commands|server|assembly)/${path}`,
      String.raw`\./(?:daemon|doctor)\.ts`,
      node,
    ],
    reason: "This composes all that needs no Electron: no shell/, no Electron, no library.",
  }),
  zone("electron/{boot,pieces}.ts", {
    allowed: [node, String.raw`\./platform/fill-ins\.ts`, String.raw`\./pieces\.ts`],
    reason: "boot.ts loads the app, and nothing before it.",
  }),
  zone("electron/main.ts", {
    allowed: [
      String.raw`\./(?:core|protocol|sources|platform|commands|server|assembly|shell)/${path}`,
      String.raw`\./(?:daemon|doctor)\.ts`,
      node,
      "electron",
    ],
    reason: "main.ts composes our own folders and Electron: libraries stay behind them.",
  }),
  zone("renderer/**/*.{ts,tsx}", {
    allowed: [
      String.raw`(?:\.\./)+electron/protocol/${path}`,
      below,
      String.raw`\.\./[\w-]+\.tsx?`,
      String.raw`preact(?:/[\w-]+)?`,
      "uqr",
    ],
    reason: "renderer/ imports electron/protocol, Preact and uqr only: it draws one pushed View.",
    syntax: [refused.reveal, refused.html, refused.storage],
    rules: {
      "no-restricted-globals": [
        "error",
        ...names(
          ["localStorage", "sessionStorage", "indexedDB"],
          "The renderer keeps nothing: it draws the pushed View.",
        ),
      ],
    },
  }),
];

const everywhere = {
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "no-var": "error",
  "prefer-const": "error",
};

const nodeGlobals = [
  "AbortController",
  "AbortSignal",
  "Buffer",
  "URL",
  "clearInterval",
  "clearTimeout",
  "console",
  "fetch",
  "performance",
  "process",
  "setImmediate",
  "setInterval",
  "setTimeout",
];

export default defineConfig(
  globalIgnores(["dist/", "coverage/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" } },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...everywhere,
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ["{electron,renderer}/**/*.{ts,tsx}"],
    rules: {
      "no-console": "error",
      "no-restricted-exports": [
        "error",
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } },
      ],
    },
  },
  {
    // Electron 25's Node 18 has no global crypto and no AbortSignal.any.
    files: ["electron/**/*.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        ...names(["crypto"], "Import it from node:crypto: Node 18 has no such global."),
      ],
      "no-restricted-properties": [
        "error",
        { object: "AbortSignal", property: "any", message: "Node 18 has no AbortSignal.any." },
      ],
    },
  },
  ...zones,
  {
    files: ["test/**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    files: ["**/*.{js,mjs,cjs}"],
    languageOptions: {
      globals: Object.fromEntries(nodeGlobals.map((name) => [name, "readonly"])),
    },
    rules: { ...everywhere, "no-undef": "error", "no-unused-vars": "error" },
  },
);
