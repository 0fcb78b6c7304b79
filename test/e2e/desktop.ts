import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** One line of the tray's menu as a desktop sees it. */
export interface TrayLine {
  readonly id: number;
  readonly label: string;
  readonly lines: readonly TrayLine[];
}

export interface TrayPicture {
  /** What the icon is called, for who cannot see it. */
  readonly title: string;
  /** `Active`: it is to be seen. */
  readonly status: string;
  readonly tooltip: string;
  readonly icon: { readonly width: number; readonly pixels: string };
  readonly lines: readonly TrayLine[];
}

export interface Shown {
  readonly id: number;
  readonly app: string;
  readonly title: string;
  readonly body: string;
}

/** A tray and a notification server on a session bus. Apps find it where it is started before them. */
export interface Desktop {
  /** What notifications have been shown so far. */
  readonly shown: readonly Shown[];
  /** Reads the tray's icon, tooltip and menu. */
  read(): Promise<TrayPicture>;
  /** Chooses the line of this label, at any depth. */
  choose(label: string): Promise<void>;
  /** Clicks the icon itself. */
  activate(): Promise<void>;
  clickNotification(id: number): Promise<void>;
  /** The tray goes away, as when the panel crashes, or comes back. */
  leaveTray(): Promise<void>;
  returnTray(): Promise<void>;
  close(): Promise<void>;
}

export const openDesktop = async (env: Readonly<Record<string, string>>): Promise<Desktop> => {
  const child = spawn("/usr/bin/python3", [join(import.meta.dirname, "desktop.py")], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const shown: Shown[] = [];
  const answers: ((line: Readonly<Record<string, unknown>>) => void)[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error("The desktop has ended.")));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line: Record<string, unknown> = JSON.parse(text);
      if (line["event"] === "ready") resolve();
      else if (line["event"] === "notification") shown.push(line as unknown as Shown);
      else if (line["event"] === undefined) answers.shift()?.(line);
    });
  });
  const order = (what: Readonly<Record<string, unknown>>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      answers.push((line) => {
        if ("answer" in line) resolve(line["answer"]);
        else reject(new Error(String(line["error"])));
      });
      child.stdin.write(`${JSON.stringify(what)}\n`);
    });
  const read = async (): Promise<TrayPicture> => (await order({ order: "read" })) as TrayPicture;
  return {
    shown,
    read,
    choose: async (label) => {
      const { lines } = await read();
      const line = find(lines, label);
      if (line === undefined) throw new Error(`No ${label} in ${JSON.stringify(lines)}`);
      await order({ order: "choose", id: line.id });
    },
    activate: async () => {
      await order({ order: "activate" });
    },
    clickNotification: async (id) => {
      await order({ order: "click", id });
    },
    leaveTray: async () => {
      await order({ order: "leave" });
    },
    returnTray: async () => {
      await order({ order: "return" });
    },
    close: () => end(child),
  };
};

const find = (lines: readonly TrayLine[], label: string): TrayLine | undefined => {
  for (const line of lines) {
    const found = line.label === label ? line : find(line.lines, label);
    if (found !== undefined) return found;
  }
  return undefined;
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return;
  const exit = once(child, "exit");
  child.stdin?.end();
  await exit;
};
