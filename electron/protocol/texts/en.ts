import { type ErrorCode, errorTable } from "../../core/errors.ts";
import type { AuditEvent } from "../../core/audit.ts";
import type { UpdateFault } from "../update-view.ts";
import type { AnswerView } from "../view.ts";

/** How near a time is: on the same day, within a week, or a date. Sentences differ by it. */
export type Near = "today" | "week" | "date";

/** What is said where something fails. */
interface ErrorWords {
  readonly sentence: string;
  readonly remedy: string;
}

interface Activity {
  readonly who: string;
  readonly what: string;
  /** Empty, or why, in parentheses; of `consent`, what was answered. */
  readonly because: string;
}

/** Where a part of a sentence is drawn apart: the sentence in pieces, with that part in its place. */
type Pieces<Part> = readonly (string | Part)[];

const counted = (count: number, one: string): string =>
  `${String(count)} ${one}${count === 1 ? "" : "s"}`;

const errors: Readonly<Record<ErrorCode, ErrorWords>> = errorTable;

const activity: Readonly<Record<AuditEvent, (of: Activity) => string>> = {
  served: ({ who, what }) => `${who} was given ${what}`,
  refused: ({ who, what, because }) => `${who} was not given ${what}${because}`,
  "policy-refused": ({ who, what }) => `${who} was not given ${what}: a policy forbids it`,
  consent: ({ who, what, because }) => `${who} wanted ${what}: you said ${because}`,
  "consent-on": ({ who }) => `${who} has turned consent on`,
  "consent-off": ({ who }) => `${who} has turned consent off`,
  "consent-forgotten": ({ who, what }) => `What you said of ${who} and ${what} is forgotten`,
  "signed-in": ({ what }) => `Signed in to ${what}`,
  "sign-in-failed": ({ what, because }) => `The sign-in to ${what} came to nothing${because}`,
  "signed-out": ({ what }) => `Signed out of ${what}`,
  "session-ended": ({ what, because }) => `The session of ${what} has ended${because}`,
  renewed: ({ what }) => `${what} was renewed`,
  "renewal-failed": ({ what, because }) => `${what} could not be renewed${because}`,
  "bridge-added": ({ who, what }) => `${who} was made for ${what}`,
  "bridge-removed": ({ who }) => `${who} has ended`,
};

const answers: Readonly<Record<AnswerView, string>> = {
  "not now": "Not now",
  once: "Allow once",
  today: "Allow for today",
  always: "Always allow",
  never: "Never allow",
};

const said: Readonly<Record<AnswerView, string>> = {
  "not now": "not now",
  once: "once",
  today: "today",
  always: "always",
  never: "never",
};

/** Something that happened, once or several times. */
interface Happened {
  readonly count: number;
  readonly last: string;
}

const timesLast = (count: number): string => (count === 1 ? "" : `${String(count)} times, last `);

/** A sentence and a remedy: of `network` the network itself has said both. */
type FaultWords = Readonly<Record<Exclude<UpdateFault, "network">, readonly [string, string]>>;

const updateFaults: FaultWords = {
  refused: ["The update server does not have what it should.", "Evercred tries again tomorrow."],
  "web-page": [
    "The update server answers with a web page.",
    "Check whether a network sign-in page is in the way.",
  ],
  unsigned: [
    "The update that is offered has no signature, and was not taken.",
    "Try another network. If it stays so, tell your administrator.",
  ],
  signature: [
    "The update that is offered is not signed by the makers of Evercred, and was not taken.",
    "Try another network. If it stays so, tell your administrator.",
  ],
  metadata: [
    "The update that is offered is not meant for this app, and was not taken.",
    "If it stays so, install the new version yourself.",
  ],
  channel: [
    "The update that is offered is of another channel, and was not taken.",
    "If it stays so, install the new version yourself.",
  ],
  older: [
    "The update server offers an older version than before, and it was not taken.",
    "Try another network. If it stays so, tell your administrator.",
  ],
  truncated: ["The download of the update broke off.", "Evercred tries again tomorrow."],
  hash: [
    "What was downloaded is not the update that was signed, and was thrown away.",
    "Try another network. If it stays so, tell your administrator.",
  ],
  changed: [
    "The downloaded update was changed on this computer, and was not installed.",
    "Look for updates again. If it stays so, tell your administrator.",
  ],
  "disk-full": ["There is no room on the disk for the update.", "Make room, then look again."],
  disk: ["The update could not be written to the disk.", "Check the disk, then look again."],
  folder: [
    "Evercred may not be replaced where it stands.",
    "Move it to a folder of yours, or have whoever installed it update it.",
  ],
};

/** Every text that a person sees in the tray, the window and the notifications, in English. */
export const en = {
  /** Times as parts of sentences. */
  times: {
    at: ({ time, near }: { time: string; near: Near }): string =>
      near === "today" ? `at ${time}` : `on ${time}`,
    about: ({ time }: { time: string; near: Near }): string => `about ${time}`,
    justNow: "just now",
    minutesAgo: ({ count }: { count: number }): string => `${String(count)} min ago`,
    hoursAgo: ({ count }: { count: number }): string => `${String(count)} h ago`,
    everyMinutes: ({ count }: { count: number }): string =>
      count === 1 ? "every minute" : `every ${String(count)} minutes`,
    everyHours: ({ count }: { count: number }): string => `every ${counted(count, "hour")}`,
  },

  /** The tooltip, the head of the menu and of the window; and the one line on a source. */
  headline: {
    /** A whole sentence as a part of another one. */
    part: ({ sentence }: { sentence: string }): string =>
      sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, ""),
    nothingYet: "Nothing to sign in to yet",
    needed: ({ signIns, keys }: { signIns: number; keys: number }): string =>
      `${[
        ...(signIns === 0 ? [] : [counted(signIns, "sign-in")]),
        ...(keys === 0 ? [] : [counted(keys, "key")]),
      ].join(" and ")} needed`,
    signInNeeded: "sign-in needed",
    allSignedIn: "All signed in",
    allKeys: "All keys are there",
    nextSignIn: ({ when }: { when: string }): string => `next sign-in ${when}`,
    keyOfEnds: ({ title, when }: { title: string; when: string }): string =>
      `the key of ${title} ends ${when}`,
    signedOut: "Signed out",
    noKey: "No key is there",
    otherAccount: ({ now, before }: { now: string; before: string }): string =>
      `${now} has signed in instead of ${before}: is that right?`,
    waitingForKey: "waiting for you to enter the key",
    waitingForCode: "waiting for the code of your device",
    waitingForSignIn: "waiting for you to sign in",
    offlineSince: ({ time }: { time: string }): string => `Offline since ${time}`,
    stillServing: ({ time }: { time: string }): string => `still serving until ${time}`,
    serving: ({ time }: { time: string }): string => `serving until ${time}`,
    notServing: "not serving",
    failing: ({ problem, until }: { problem: string; until: string }): string =>
      `${problem}, ${until}`,
    keyIsThere: "the key is there",
    keyEnds: ({ when }: { when: string }): string => `the key ends ${when}`,
    keptBy: ({ program }: { program: string }): string => `kept by ${program}`,
    keptByUntil: ({ program, when }: { program: string; when: string }): string =>
      `kept by ${program}; sign-in needed ${when}`,
    needsNobody: "needs nobody",
    signedIn: "signed in",
    until: ({ time }: { time: string }): string => `until ${time}`,
    untilAbout: ({ time }: { time: string }): string => `until about ${time}`,
  },

  /** Why a source cannot serve, in a few words. */
  signedOut: {
    never: "not signed in yet",
    user: "signed out",
    elsewhere: "signed out with another tool",
    ended: "the session has ended, sign-in needed",
    changed: "its configuration has changed, sign-in needed",
    lost: "the last renewal was cut off, sign-in needed",
    reauth: "your organisation asks again, sign-in needed",
    forbidden: "your organisation does not allow it",
    keyNever: "no key yet",
    keyUser: "the key was forgotten",
    keyEnded: "the key has ended",
    keyChanged: "its configuration has changed, another key is needed",
    keyNeeded: "the key is needed",
    /** Of what needs no sign-in. */
    absent: "there is nothing there to get in with",
    refused: "what it has is no longer accepted",
    asksAgain: "sign-in needed (your organisation asks again)",
    asksAgainEvery: ({ every }: { every: string }): string =>
      `sign-in needed (your organisation asks again ${every})`,
  },

  /** What buttons and lines of the menu say. */
  labels: {
    signInTo: ({ title }: { title: string }): string => `Sign in to ${title}`,
    enterKeyOf: ({ title }: { title: string }): string => `Enter the key of ${title}…`,
    signInToSome: ({ count }: { count: number }): string => `Sign in to ${String(count)}…`,
    enterKeys: ({ count }: { count: number }): string => `Enter ${counted(count, "key")}…`,
    signInOrEnter: "Sign in, or enter a key…",
    signIn: "Sign in",
    signInAgain: "Sign in again",
    enterKey: "Enter the key…",
    enterNewKey: "Enter a new key…",
    signOut: "Sign out",
    forgetKey: "Forget the key",
    cancel: "Cancel",
    copied: "Copied",
    /** Which of several this is. */
    place: ({ number, of }: { number: number; of: number }): string =>
      `${String(number)} of ${String(of)}`,
    oneMoment: "One moment…",
  },

  /** What programs want, and what came of it. */
  gate: {
    question: ({ program, target }: { program: string; target: string }): string =>
      `${program} wants ${target}`,
    questions: ({ first, count }: { first: string; count: number }): string =>
      `${first}, and ${String(count)} more`,
    answers,
    /** An answer that was given, as a part of a sentence. */
    said,
    saidNothing: "nothing",
    aProgram: "a program",
    something: "something",
    activity,
    consentOn: "You are asked from now on",
    consentOff: "Nobody is asked any more",
  },

  /** The tray's menu. */
  menu: {
    open: "Open Evercred",
    quit: "Quit",
    more: ({ count }: { count: number }): string => `${String(count)} more…`,
    lookAtIt: "Look at it…",
    openPage: "Open the sign-in page",
    cancelSignIn: "Cancel the sign-in",
    copyCommandFor: "Copy command for",
    copyCommandForOne: ({ name }: { name: string }): string => `Copy command for ${name}`,
    openConsole: "Open console of",
    openConsoleOfOne: ({ name }: { name: string }): string => `Open console of ${name}`,
    doNotAsk: "Do not ask",
    forAnHour: "For an hour",
    until: ({ time }: { time: string }): string => `Until ${time}`,
    untilTomorrow: ({ time }: { time: string }): string => `Until tomorrow at ${time}`,
    askAgain: "Ask again now",
    notAskingUntil: ({ time }: { time: string }): string => `not asking until ${time}`,
    settings: "Settings…",
  },

  /** The entry in the desktop's list of apps. */
  launcher: {
    comment: "Stay signed in to AWS, Google Cloud and your LLM gateway",
    signIn: "Sign in",
    settings: "Settings",
    quit: "Quit",
  },

  /** Notifications. */
  notices: {
    signInTo: ({ title }: { title: string }): string => `Sign in to ${title}`,
    soon: "The session ends soon. Click to sign in now, at a good moment.",
    ended: "The session has ended. Click to sign in.",
    elsewhere: "You signed out with another tool. Click to sign in.",
    reauth: "Your organisation asks for a new sign-in. Click to sign in.",
    lost: "The last renewal was cut off in the middle. Click to sign in.",
    changed: "The configuration now names another place to sign in to. Click to sign in.",
    wanted: "The sign-in is needed now. Click to sign in.",
    opened: "A program has waited for you. Its sign-in page is open in your browser now.",
    other: "Somebody else has signed in than before. Click to see who, and to accept it or not.",
    enterKeyOf: ({ title }: { title: string }): string => `Enter the key of ${title}`,
    severalNeedYou: ({ list }: { list: string }): string => `${list} need you`,
    /** The last of a list of names. */
    andMore: ({ count }: { count: number }): string => `${String(count)} more`,
    oneAfterTheOther: "Click to sign in: one page opens after the other.",
    /** On a button: nothing is asked for an hour. */
    remindLater: "Remind me in an hour",
    keySoon: ({ title, when }: { title: string; when: string }): string =>
      `The key of ${title} ends ${when}. Click to enter the new one.`,
    /** In the place of a time that nobody knows. */
    soonTime: "soon",
    keyEnded: "It has ended. Click to enter the new one.",
    keyChanged: "The configuration now names another kind of key. Click to enter it.",
    keyWanted: "It is needed now. Click to enter it.",
    question: "Click to say whether it may have that.",
    questionFrom: ({ path }: { path: string }): string =>
      `It is ${path}. Click to say whether it may have that.`,
  },

  /** The first screen of the window. */
  home: {
    problem: "Problem",
    hint: "Note",
    sources: "Sources",
    keys: "Keys",
    nothing:
      "Every AWS profile appears here by itself. If you have none yet, add your organisation: you need the address of its access portal, and the region that it is in.",
    signedIn: "You are signed in.",
    allKeys: "All keys are there.",
    nobodyBefore: ({ time, exact }: { time: string; exact: boolean }): string =>
      `Nobody is needed before ${exact ? "" : "about "}${time}.`,
    nobodyNow: "Nobody is needed now.",
    needsYou: ({ title }: { title: string }): string => `${title} needs you.`,
    needYou: ({ first, second }: { first: string; second: string }): string =>
      `${first} and ${second} need you.`,
    needMany: ({ count }: { count: number }): string => `${String(count)} sources need you.`,
    signingIn: ({ title }: { title: string }): string => `Signing in to ${title}…`,
    offlineSince: ({ time }: { time: string }): string => `Offline since ${time}.`,
    stillServing: ({ time }: { time: string }): string => `What is in use works until ${time}.`,
    notServing: "Nothing can be served before the provider answers again.",
    cannotServe: ({ title }: { title: string }): string => `${title} cannot serve.`,
    signedOut: "You are signed out.",
    noKey: "No key is there.",
    nothingYet: "Nothing to sign in to yet.",
    /** A part of a sentence as a whole one. */
    sentence: ({ line }: { line: string }): string =>
      `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.?!…]$/.test(line) ? "" : "."}`,
    noTray: "This desktop has no place for a tray icon.",
    noTrayRemedy: "Open this window from your applications, or with: evercred window",
    noNotifications: "This desktop shows no notifications.",
    noNotificationsRemedy: "The tray icon and this window say when you are needed.",
    understood: "Understood",
    quietUntil: ({ time }: { time: string }): string => `You are not asked before ${time}.`,
    askAgain: "Ask again now",
    add: "Add…",
  },

  /** What the window says of one source. */
  card: {
    inUse: "In use",
    more: ({ count }: { count: number }): string => `and ${String(count)} more`,
    addProfile: "Add profile…",
    browser: "Browser…",
    details: "Details",
    /** Before the name of a key. */
    key: "key",
    noOffers: "No profile or key uses this yet.",
    profiles: "Profiles",
    keys: "Keys",
    profilesAndKeys: "Profiles and keys",
    notUsedYet: "not used yet",
    used: ({ ago }: { ago: string }): string => `used ${ago}`,
    usedGoodUntil: ({ ago, time }: { ago: string; time: string }): string =>
      `used ${ago}, good until ${time}`,
    stillServing: ({ time }: { time: string }): string => `Still serving until ${time}`,
    notServing: "Not serving",
    signedInAs: "Signed in as",
    theKey: "The key",
    accessToken: "Access token",
    endedAt: ({ time }: { time: string }): string => `ended at ${time}`,
    goodUntil: ({ time }: { time: string }): string => `good until ${time}`,
    failingSince: "Failing since",
    nextTry: "Next try",
    nextRenewal: "Next renewal",
    nextSignIn: "Next sign-in",
    itsEnd: "Its end",
    fixedEnd: "your organisation ends this at a fixed time",
    scopes: "Scopes",
    registered: "Registered",
    registeredUntil: ({ date }: { date: string }): string => `with AWS until ${date}`,
    kept: "Kept",
    keptBy: ({ program }: { program: string }): string => `by ${program}, not here`,
    keptInKeychain: "in the keychain",
    keptInMemory: "in memory only: a restart needs a new sign-in",
    keyKeptInMemory: "in memory only: a restart asks for it again",
    actions: ({ title }: { title: string }): string => `Actions for ${title}`,
    usedBy: ({ programs, ago }: { programs: string; ago: string }): string =>
      `${programs} · ${ago}`,
    copyCommand: "Copy command",
    commandCopied: "The command is on the clipboard.",
    openConsole: "Open console",
    openConsoleFor: ({ name }: { name: string }): string => `Open console for ${name}`,
    openingConsole: "Opening the console…",
    test: "Test…",
    command: "In a terminal",
    place: "Place",
    lastProblem: "Last problem",
    close: "Close",
    forgetTitle: ({ title }: { title: string }): string => `Forget the key of ${title}?`,
    forgetWarning: "Programs that use it get nothing more until somebody enters it again.",
  },

  /** The sheet in which a person says what opens the sign-in pages of one source. */
  browser: {
    title: ({ title }: { title: string }): string => `Browser for ${title}`,
    command: "Command that opens its sign-in pages",
    /** What an empty field means. */
    emptySystem: "Empty: the browser of your system.",
    emptyUsual: ({ command }: { command: string }): string =>
      `Empty: ${command}, as for all other sign-ins.`,
    save: "Save",
  },

  /** The sheet that asks a gateway whether it takes a key. */
  keyTest: {
    title: ({ name }: { name: string }): string => `Test the key ${name}`,
    url: "The gateway’s address",
    hint: "As in ANTHROPIC_BASE_URL. The key is sent there and nowhere else.",
    test: "Test",
    testing: "Asking the gateway…",
  },

  /** The sheet of an open sign-in. */
  signIn: {
    title: ({ title }: { title: string }): string => `Sign in to ${title}`,
    enter: ({ what }: { what: string }): string => `Enter ${what}`,
    /** What may be entered. */
    secrets: {
      key: ({ title }: { title: string }): string => `the key of ${title}`,
      secret: ({ title }: { title: string }): string => `the secret of ${title}`,
      privateKey: ({ title }: { title: string }): string => `the private key of ${title}`,
    },
    aProgram: "A program",
    programSignsIn: ({ program, title }: { program: string; title: string }): string =>
      `${program} signs in to ${title}…`,
    askingForPage: ({ organisation }: { organisation: string }): string =>
      `Asking ${organisation} for a sign-in page…`,
    opened: ({ host, title, asked }: { host: string; title: string; asked: string }): string =>
      `Evercred opened ${host} for ${title} (${asked}). Go on in your browser.`,
    /** In the place of a host that nobody knows. */
    openedHost: "a page",
    closed: ({ host, title, asked }: { host: string; title: string; asked: string }): string =>
      `The sign-in page for ${title} (${asked}) is on ${host}. It has not been opened here.`,
    closedHost: "the web",
    /** Who asked for a sign-in, and when: in brackets. */
    askedHere: ({ time }: { time: string }): string => `you asked, ${time}`,
    askedInTerminal: ({ time }: { time: string }): string => `you asked in a terminal, ${time}`,
    askedByProgram: ({ program, time }: { program: string; time: string }): string =>
      `${program} asked, ${time}`,
    wasDue: ({ time }: { time: string }): string => `it was due, ${time}`,
    foreign: ({ host, organisation }: { host: string; organisation: string }): string =>
      `The page is on ${host}, which is not one of the hosts of ${organisation}. Somebody may want your sign-in for themselves.`,
    insecure: ({ host }: { host: string }): string =>
      `The page on ${host} is not encrypted: whoever is on the way can read what you enter there.`,
    onlyIfYouKnow: "Go on only if you know why it is so.",
    openAllTheSame: "Open it all the same",
    caution: ({ organisation, time }: { organisation: string; time: string }): string =>
      `Evercred on this computer made this code at ${time}, to sign you in to ${organisation}. Never enter a code that somebody has sent you.`,
    qr: "QR code of the address, to open it on a phone",
    done: ({
      account,
      until,
    }: {
      account: string | undefined;
      until: string | undefined;
    }): string =>
      `${["Signed in", account === undefined ? [] : `as ${account}`, until ?? []].flat().join(" ")}.`,
    tryAgain: "Try again",
    close: "Close",
    codeLapses: <Part>({ left }: { left: Part }): Pieces<Part> => ["The code lapses in ", left],
    waiting: <Part>({ left }: { left: Part }): Pieces<Part> => [
      "Waiting for you for another ",
      left,
    ],
    programSays: "What the program says",
    openAgain: "Open the page again",
    openPage: "Open the page",
    copyAddress: "Copy address",
    useCode: "Use a code instead",
    addressCopied: "The address is on the clipboard.",
    codeCopied: "The code is on the clipboard.",
    codeOfDevice: <Part>({ device }: { device: Part }): Pieces<Part> => [
      "The code that ",
      device,
      " shows now",
    ],
    otherAccount: <Part>({ now, before }: { now: Part; before: Part }): Pieces<Part> => [
      "You have signed in as ",
      now,
      ". Before, it was ",
      before,
      ". What is in use goes on as before until you accept.",
    ],
    goOnAs: ({ account }: { account: string }): string => `Go on as ${account}`,
    stay: ({ account }: { account: string }): string => `Stay ${account}`,
    code: "Code",
    compareCode:
      "Compare it with what the page shows, or enter it there, on this or any other computer.",
    copyCode: "Copy code",
  },

  /** Where a key or another secret is entered. */
  secret: {
    keep: "Keep it in the keychain",
    oneLine: "Paste or type it as it was given to you",
    shownNowhere: "Evercred shows it nowhere.",
    wholeFile: "The whole text of the key's file",
    wholeFileHint: <Part>({ first, last }: { first: Part; last: Part }): Pieces<Part> => [
      "Open the file with a text editor, copy everything and paste it here, with its first line (",
      first,
      ") and its last (",
      last,
      "). Evercred shows it nowhere.",
    ],
  },

  /** The sheet that asks whether a program may have something. */
  question: {
    title: ({ program, target }: { program: string; target: string }): string =>
      `Allow ${program} to have ${target}?`,
    program: "Program",
    unknownProgram: "nobody knows which",
    startedBy: "Started by",
    wants: "Wants",
    notKept: "Nothing tells this program from others, so your answer is not kept.",
  },

  /** What was handed out last, and to whom. */
  activity: {
    title: "Activity",
    nothing: "Nothing has been served today.",
    search: "Search",
    searchHint: "Program, profile, result…",
    source: "Source",
    allSources: "All sources",
    program: "Program",
    allPrograms: "All programs",
    export: "Export…",
    exported: ({ count, file }: { count: number; file: string }): string =>
      `${counted(count, "line")} written to ${file}`,
    looking: "Looking…",
    noneFound: "Nothing fits.",
    showAll: "Show all",
    newestOnly: ({ count }: { count: string }): string =>
      `These are the newest ${count}. Search to find older ones.`,
    today: "Today",
    count: ({ count }: { count: number }): string => counted(count, "time"),
    goodUntil: ({ time }: { time: string }): string => `good until ${time}`,
  },

  /** The form that adds an AWS organisation; its end is also that of `addProfile`. */
  addOrganisation: {
    title: "Add an AWS organisation",
    startUrl: "The address of its access portal",
    region: "The region of its Identity Center",
    add: "Add",
    adding: "Adding…",
  },

  /** The form that adds an AWS profile. */
  addProfile: {
    title: ({ title }: { title: string }): string => `Add a profile of ${title}`,
    askingForAccounts: "Asking for your accounts…",
    askingForRoles: "Asking for its roles…",
    name: "The profile’s name",
    account: "Account",
    role: "Role",
    find: ({ count }: { count: number }): string => `Find among ${String(count)}`,
    noRole: "You have no role in this account.",
  },

  /** The names of the pages. */
  nav: {
    pages: "Pages",
    home: "Home",
    activity: "Activity",
    settings: "Settings",
    help: "Help",
  },

  /** The picture of the day behind and ahead. */
  timeline: {
    title: "The day around now",
    summary: ({ from, to, headline }: { from: string; to: string; headline: string }): string =>
      `Timeline from ${from} to ${to}. ${headline}.`,
    now: "now",
    more: ({ count }: { count: number }): string => `All ${String(count)}…`,
    less: "Fewer",
    source: "Source",
    state: "State",
    behind: "Behind",
    ahead: "Ahead",
    nothing: "nothing",
    /** What has happened; `last` is the last time. */
    happened: {
      "signed-in": ({ last }: Happened): string => `signed in ${last}`,
      "sign-in-failed": ({ count, last }: Happened): string =>
        `sign-in failed ${timesLast(count)}${last}`,
      renewed: ({ count, last }: Happened): string => `renewed ${timesLast(count)}${last}`,
      "renewal-failed": ({ count, last }: Happened): string =>
        `renewal failed ${timesLast(count)}${last}`,
      "session-ended": ({ last }: Happened): string => `session ended ${last}`,
      "signed-out": ({ last }: Happened): string => `signed out ${last}`,
    },
    renewal: ({ time }: { time: string }): string => `renewal ${time}`,
    asked: ({ time }: { time: string }): string => `you are asked ${time}`,
    needed: ({ when }: { when: string }): string => `sign-in needed ${when}`,
    /** What the shapes of the picture mean. */
    key: {
      "signed-in": "signed in",
      open: "signed in, end not known",
      serving: "not renewed, still serving",
      out: "not serving",
    },
    markKey: {
      "signed-in": "sign-in",
      "sign-in-failed": "sign-in failed",
      renewed: "renewal",
      "renewal-failed": "renewal failed",
      "session-ended": "session ended",
      "signed-out": "sign-out",
      ask: "you are asked",
      end: "expected end",
    },
  },

  /** The page of settings. */
  settings: {
    title: "Settings",
    intro: "Each change counts at once.",
    groups: {
      signIn: "Sign-in",
      network: "Network",
      claude: "Claude Code",
      security: "Security",
      app: "App",
      more: "Everything else",
    },
    /** What settings are called, by their name in the configuration. */
    names: {
      "signIn.ask": "How to ask for a sign-in",
      "signIn.before": "Ask before a session ends",
      "signIn.schedule": "Remind me at these times",
      "signIn.browser": "Browser for sign-in pages",
      "aws.defaultProfile": "Usual AWS profile",
      "google.defaultSource": "Usual Google sign-in",
      "network.proxy": "Proxy",
      "network.proxyUser": "User at the proxy",
      "network.proxyPasswordKey": "Key that is the proxy’s password",
      "network.noProxy": "Hosts without a proxy",
      "network.caFiles": "Further certificates to trust",
      "network.systemCa": "Trust what this system trusts",
      "network.clientCertificate": "Client certificate",
      consent: "Ask me before a program gets something",
      "aws.mirrorSsoCache": "Share the sign-in with other AWS tools",
      "doors.containerCredentials": "Door for AWS SDKs that stays open",
      "doors.gceMetadata": "Metadata server for Google’s tools",
      "audit.keep": "Keep the record for",
      "app.startAtLogin": "Start at login",
      "app.notifications": "Notifications",
      "app.theme": "Appearance",
      "app.language": "Language",
      "updates.mode": "Updates",
      log: "Log",
    },
    /** What to know before changing one; empty where the name says all. */
    hints: {
      "signIn.ask":
        "While the computer is locked, or nobody is there, no page opens by itself: it waits.",
      "signIn.before": "Where the end is known. Written as 90s, 20m or 2h.",
      "signIn.schedule":
        "One a line, as cron writes it: 0 9 * * 1-5 is at 9:00 from Monday to Friday.",
      "signIn.browser":
        "The program and its arguments, one a line; {url} stands for the address of the page.",
      "aws.defaultProfile": "Where a program names none.",
      "google.defaultSource": "Where a program names none.",
      "network.proxy": "",
      "network.proxyUser": "",
      "network.proxyPasswordKey": "The name of a key that you have entered.",
      "network.noProxy": "One a line; .example.com stands for all under it.",
      "network.caFiles": "Files or folders, one a line.",
      "network.systemCa": "",
      "network.clientCertificate": "Shown only to the hosts that are named.",
      consent: "The first time, in a window of Evercred.",
      "aws.mirrorSsoCache":
        "Their access token stands in ~/.aws/sso/cache, without what renews it.",
      "doors.containerCredentials": "For evercred aws env --server.",
      "doors.gceMetadata": "As programs find it on Google’s own machines.",
      "audit.keep": "What was handed out, and to whom. Written as 12h or 30d.",
      "app.startAtLogin": "",
      "app.notifications": "",
      "app.theme": "",
      "app.language": "",
      "updates.mode": "What a package manager has installed is updated by it.",
      log: "",
    },
    /** What may be chosen. */
    options: {
      "signIn.ask": {
        notify: "With a notification",
        open: "Open the page while I am there",
        tray: "Only in the tray",
      },
      consent: { off: "Do not ask", ask: "Ask" },
      "app.theme": { system: "As the system", light: "Light", dark: "Dark" },
      "app.language": { system: "As the system" },
      "updates.mode": { install: "Install by itself", notify: "Only say so", off: "Off" },
      log: {
        error: "Errors only",
        warn: "Warnings too",
        info: "What happens",
        debug: "Everything, for support",
      },
    },
    proxies: {
      auto: "Automatic",
      system: "As the system says",
      none: "None",
      url: "This one",
      pac: "By a PAC file",
    },
    proxyUrl: "Address of the proxy",
    pacUrl: "Address of the PAC file",
    certFile: "Certificate (PEM file)",
    keyFile: "Private key (PEM file)",
    passphraseKey: "Key that opens the private key",
    hosts: "Hosts, one a line",
    bothFiles: "It takes both files.",
    setBy: ({ who }: { who: string }): string => `Set by ${who}`,
    usualBy: ({ who }: { who: string }): string => `Usual at ${who}`,
    /** In the place of an organisation’s name. */
    yourOrganisation: "your organisation",
    mayRun: "May Evercred run this program to open sign-in pages?",
    letRun: "Let it run",
    useDefault: "Use the default",
    alsoCounts: ({ names }: { names: string }): string =>
      `The environment counts as well: ${names}.`,
    rulesBy: ({ who }: { who: string }): string => `${who} has set rules for this computer.`,
    help: "Get help",
    helpAt: ({ contact }: { contact: string }): string => `Help: ${contact}`,
    test: "Test the network",
    testing: "Asking each provider…",
    noProvider: "No provider is in use.",
    reached: ({ host }: { host: string }): string => `${host} answers`,
    directly: "directly",
    byProxy: ({ proxy }: { proxy: string }): string => `by the proxy ${proxy}`,
    saidBy: ({ who }: { who: string }): string => `as ${who} says`,
    issuedBy: ({ issuer }: { issuer: string }): string => `certificate of ${issuer}`,
    askedFor: ({ source }: { source: string }): string => `for ${source}`,
    bridges: "Bridges",
    bridgesAre:
      "Doors for containers and other machines that serve what you named, and nothing else.",
    noBridges: "There is none.",
    bridgeUntil: ({ time }: { time: string }): string => `until ${time}`,
    bridgeUsed: ({ ago }: { ago: string }): string => `used ${ago}`,
    bridgeNotUsed: "not used yet",
    endBridge: "End",
    claudeIs: "How Claude Code gets its credentials, and whether it works.",
    toClaude: "Show Claude Code",
    fileHas: "Sources, keys, headers and all the rest stand in one file.",
    openConfig: "Open config.json",
  },

  /** The page that finds out what is wrong. */
  help: {
    title: "Help",
    examining: "Examining…",
    runAgain: "Run again",
    stop: "Stop",
    nothingWrong: "Nothing is wrong.",
    wrong: ({ failures, warnings }: { failures: number; warnings: number }): string =>
      [
        ...(failures === 0 ? [] : [counted(failures, "failure")]),
        ...(warnings === 0 ? [] : [counted(warnings, "warning")]),
      ].join(", "),
    /** When it was examined. */
    examinedAt: ({ time }: { time: string }): string => `Examined at ${time}`,
    verdicts: {
      failure: "Failure",
      warning: "Warning",
      "not-checked": "Not checked",
      note: "Note",
      ok: "Fine",
    },
    findings: "What was found",
    fine: ({ count }: { count: number }): string => `${String(count)} fine`,
    openFile: "Open the file",
    openSettings: "Open the settings",
    connect: "Connect Claude Code…",
    mend: "Mend it",
    copyCommand: "Copy command",
    /** Of the command that a button runs. */
    runs: ({ command }: { command: string }): string => `Runs: ${command}`,
    copyDiagnosis: "Copy diagnosis",
    saveSupport: "Save a file for support…",
    saved: "It is written. Look through it before you send it on.",
    openLogs: "Open the logs",
    setUpAgain: "Set up again…",
    about: "About",
    version: "Version",
    licence: "Licence",
    licences: "Licences of its parts",
    organisation: "Set up by",
    contact: "Help",
  },

  /** How the app keeps itself up to date. */
  updates: {
    title: "Updates",
    offBuild: "Off: this build knows no key that it could trust.",
    offPackage: "They come from where Evercred was installed from.",
    offPolicy: "Off: your organisation has decided so.",
    offSettings: "Off in the settings.",
    notYet: "Not looked for yet.",
    current: ({ time }: { time: string }): string => `None, as of ${time}.`,
    checking: "Looking for one…",
    found: ({ version }: { version: string }): string => `Evercred ${version} is out.`,
    foundRemedy:
      "Get it from where you got this one, or choose in the settings to have it installed.",
    downloading: ({ version }: { version: string }): string =>
      `Evercred ${version} is being downloaded.`,
    ready: ({ version }: { version: string }): string => `Evercred ${version} is ready.`,
    readyRemedy:
      "It is installed when you quit, or now. Requests that are under way are finished first.",
    installed: ({ version }: { version: string }): string => `Evercred ${version} is installed.`,
    installedRemedy: "It comes up as soon as nothing is under way.",
    check: "Look for updates",
    install: "Install it now",
    /** Why one came to nothing, and what to do. In each case nothing has been changed. */
    faults: updateFaults,
  },

  /** Whether Claude Code gets its models through Evercred, and how it is made to. */
  claude: {
    title: "Claude Code",
    providers: { bedrock: "Bedrock", vertex: "Vertex AI", gateway: "Gateway" },
    looking: "Looking for Claude Code…",
    absent: "Claude Code is not found on this computer.",
    install: "Install it, then look again:",
    installCommand: "npm install -g @anthropic-ai/claude-code",
    found: ({ version }: { version: string }): string => `Version ${version} is here`,
    foundSome: "It is here",
    unconnected: ({ found }: { found: string }): string =>
      `${found}, and does not ask Evercred yet.`,
    connected: "connected",
    works: ({ time }: { time: string }): string => `works (checked ${time})`,
    worksNot: ({ time }: { time: string }): string => `does not work (checked ${time})`,
    worksPartly: ({ time }: { time: string }): string => `no fault found (checked ${time})`,
    worksPerhaps: ({ time }: { time: string }): string => `could not be checked (${time})`,
    checking: "checking…",
    scopes: {
      user: "in your own settings",
      project: "in the project’s settings",
      local: "in your settings of the project",
      managed: "in your organisation’s settings",
    },
    /** Whose credentials it gets, and where that stands. */
    detail: ({ identity, where }: { identity: string | undefined; where: string }): string =>
      identity === undefined ? where : `as ${identity}, ${where}`,
    check: "Check",
    stop: "Stop",
    lookAgain: "Look again",
    change: "Change…",
    connect: "Connect…",
    connectTitle: "Connect Claude Code",
    provider: "Where its models come from",
    profile: "AWS profile",
    region: "Region of the models",
    profileRegion: "as the profile has it",
    account: "Google account",
    project: "Project",
    accountProject: "as the account has it",
    baseUrl: "The gateway’s address",
    key: "Key",
    noProfile: "There is no AWS profile yet. Add an organisation first.",
    noAccount: "There is no Google account yet. Add one first.",
    noKey: "There is no key yet. Add one first.",
    show: "Show what changes",
    nothingChanges: "Nothing changes: it stands there already.",
    write: "Connect",
    back: "Back",
    disconnect: "Disconnect…",
    disconnectTitle: "Disconnect Claude Code",
    takeOut: "Take it out",
  },

  /** What the first start asks. */
  firstRun: {
    title: "Welcome to Evercred",
    lead: "Three steps, and Claude Code never stops at a login prompt.",
    signIn: "Sign in",
    /** A source that was found, with how many profiles it has. */
    found: ({ title, profiles }: { title: string; profiles: number }): string =>
      profiles === 0 ? title : `${title} (${counted(profiles, "profile")})`,
    nothing: "Nothing to sign in to was found on this computer. Add where you sign in:",
    add: "Add…",
    connect: "Connect Claude Code",
    notYet: "Once you are signed in.",
    diff: ({ file }: { file: string }): string => `What changes in ${file}`,
    other: "Another way…",
    desktop: "On this desktop",
    startAtLogin: "Start when I log in",
    notificationsOn: "Notifications ask you for a sign-in while you are here.",
    notificationsOff: "Notifications are off: the icon asks instead.",
    setBy: ({ name }: { name: string }): string => `Set by ${name}`,
    setByOrganisation: "Set by your organisation",
    differences: "Your terminals work otherwise",
    save: "Take it over",
    saved: "Taken over",
    done: "Done",
    later: "Later",
    stepDone: "done",
  },

  /** The sheets that add what to sign in to, and keys. */
  add: {
    what: "What do you want to add?",
    organisation: "AWS organisation",
    organisationHint: "The address of its access portal",
    google: "Google account",
    googleHint: "With a client file of your organisation’s, or gcloud’s sign-in",
    company: "Company sign-in",
    companyHint: "OpenID Connect: an issuer and a client ID",
    key: "Key",
    keyHint: "An API key, kept in the keychain",
    regionKnown: ({ region }: { region: string }): string =>
      `The address says the region: ${region}`,
    name: "Its name here",
    nameHint: "a–z, 0–9 and dashes",
    clientFile: "The client file",
    clientFileHint:
      "Your administrator, or whoever keeps the Google Cloud project, downloads it from the console: an OAuth client of the type Desktop. Without one, sign in once with gcloud auth application-default login: Evercred finds that by itself.",
    choose: "Choose…",
    issuer: "The issuer’s address",
    clientId: "The client ID",
    expiresAt: "Its last day, if it has one",
  },

  /** What is said where something fails, by code: the sentences of `core/errors.ts`. */
  errors,
};

/** What every language has to say. */
export type Texts = typeof en;
