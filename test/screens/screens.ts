import type { Page as Shown } from "playwright-core";
import type { ActivityFound, ActivityRow } from "../../electron/protocol/activity.ts";
import type { DiagnosisView } from "../../electron/protocol/help-view.ts";
import type { Calls } from "../../electron/protocol/ipc.ts";
import type { Page } from "../../electron/protocol/pages.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import {
  at,
  codeSignIn,
  deviceSignIn,
  failing,
  minute,
  question,
  signedOut,
} from "../shell/views.ts";
import { activity, corp, google, litellm, pictureWith, usual } from "./pictures.ts";

/** One thing that the window shows. */
export interface Screen {
  readonly name: string;
  readonly picture: Picture;
  readonly page?: Page;
  /** In pixels; else as the window opens at first. */
  readonly size?: readonly [number, number];
  /** What a person does before it looks so. */
  readonly before?: (page: Shown) => Promise<void>;
}

const signedOutCorp = { ...corp, standing: signedOut("ended"), neededAt: undefined };

/** All screens, in the order in which a person would come by them. */
export const screens: readonly Screen[] = [
  { name: "home", picture: usual, size: [560, 960] },
  {
    name: "home-needed",
    picture: pictureWith([signedOutCorp, google, litellm]),
    size: [560, 960],
  },
  {
    name: "home-offline",
    picture: pictureWith([{ ...corp, standing: failing("offline") }, google]),
  },
  {
    name: "menu",
    picture: usual,
    before: async (page) => {
      await page.getByRole("button", { name: "Actions for corp" }).click();
      await page.getByRole("menu").waitFor();
    },
  },
  {
    name: "details",
    picture: usual,
    before: async (page) => {
      await page.getByRole("button", { name: "Actions for corp" }).click();
      await page.getByRole("menuitem", { name: "Details" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "sign-in-code",
    picture: pictureWith([{ ...signedOutCorp, signIn: codeSignIn }, google]),
  },
  {
    name: "sign-in-device",
    picture: pictureWith([{ ...signedOutCorp, signIn: deviceSignIn }, google]),
  },
  {
    name: "question",
    picture: { ...usual, questions: [question("1", { target: "aws:bedrock" })] },
    // A hasty click answers nothing: for a moment its buttons are off.
    before: (page) =>
      page.waitForFunction(() => document.querySelector("dialog button:disabled") === null).then(),
  },
  { name: "activity", picture: usual, page: "activity", size: [640, 760] },
  { name: "settings", picture: usual, page: "settings", size: [560, 900] },
  { name: "help", picture: usual, page: "help", size: [560, 800] },
  {
    name: "empty",
    picture: pictureWith([], { claude: { standing: { kind: "absent" }, check: undefined } }),
  },
  {
    name: "first-run",
    picture: pictureWith([{ ...signedOutCorp, standing: signedOut("never"), account: undefined }], {
      claude: { standing: { kind: "unconnected", version: "2.1.30" }, check: undefined },
      firstRun: { forced: [] },
    }),
    size: [480, 800],
  },
];

const rows: readonly ActivityRow[] = [
  ...activity,
  {
    event: "renewed",
    at: at - 40 * minute,
    count: 1,
    program: undefined,
    subject: "corp",
    detail: undefined,
  } as const,
  {
    event: "refused",
    at: at - 130 * minute,
    count: 3,
    program: "node",
    subject: "aws:billing",
    detail: "access-denied",
  } as const,
  {
    event: "signed-in",
    at: at - 312 * minute,
    count: 1,
    program: undefined,
    subject: "corp",
    detail: undefined,
  } as const,
]
  .map((each) => ({
    ...each,
    source: each.subject?.startsWith("aws:") === true ? "corp" : undefined,
    path: each.program === undefined ? undefined : `/usr/bin/${each.program}`,
    verb: each.event === "served" ? "aws export" : undefined,
    expiresAt: undefined,
  }))
  .sort((a, b) => b.at - a.at);

const found: ActivityFound = {
  rows,
  hasMore: false,
  programs: ["claude", "aws", "terraform", "python3", "node"],
};

const diagnosis: DiagnosisView = {
  at,
  findings: [
    {
      id: "claude.helper",
      title: "Claude Code",
      verdict: "failure",
      sentence: "Claude Code's settings name a program that is not there.",
      evidence: [
        "/home/dev/.claude/settings.json: awsAuthRefresh",
        "/opt/old/evercred: no such file",
      ],
      remedy: "Connect Claude Code again.",
      action: { kind: "connect" },
    },
    {
      id: "sources.corp",
      title: "Sources",
      verdict: "warning",
      sentence: "The session of corp ends in less than an hour.",
      evidence: [],
      remedy: "Sign in to corp.",
      action: { kind: "sign-in", source: "corp" },
    },
    {
      id: "keychain",
      title: "Keychain",
      verdict: "ok",
      sentence: "The keychain can be written and read.",
      evidence: [],
      remedy: undefined,
      action: undefined,
    },
    {
      id: "network",
      title: "Network",
      verdict: "ok",
      sentence: "All providers in use can be reached.",
      evidence: ["oidc.eu-central-1.amazonaws.com", "oauth2.googleapis.com"],
      remedy: undefined,
      action: undefined,
    },
  ],
};

/** What the window is answered, whatever it asks. */
export const replies: { readonly [Name in keyof Calls]?: ReturnType<Calls[Name]> } = {
  activity: found,
  examine: diagnosis,
  differences: [],
};
