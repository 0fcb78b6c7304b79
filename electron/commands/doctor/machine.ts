import type { PathFacts } from "../doctor-ports.ts";
import type { Outlived } from "../verb.ts";
import type { Check, Finding } from "./check.ts";
import { isHidden, leadsNowhere, modeWord, pathLine, run, sizeWord } from "./words.ts";

/** Whether Evercred is started at login. */
export const autostartCheck: Check = {
  id: "autostart",
  title: "Start at login",
  async run({ inspector }) {
    const { isKnown, entry } = await inspector.autostart();
    if (!isKnown) {
      const sentence = "It cannot be told on this system.";
      return [{ id: "autostart.not-told", verdict: "not-checked", sentence }];
    }
    if (entry === undefined || !entry.isEnabled) {
      const sentence = "It is not set up: the first program that asks starts Evercred.";
      return [{ id: "autostart.off", verdict: "note", sentence }];
    }
    const { file, program } = entry;
    if (program !== undefined && !program.isExecutable) {
      return [
        {
          id: "autostart.program-missing",
          verdict: "warning",
          sentence: `${file} starts ${program.path}, which is not there or cannot be run.`,
          evidence: [pathLine(program)],
          remedy: run("rm", file),
        },
      ];
    }
    return [{ id: "autostart.on", verdict: "ok", sentence: `${file} starts it.` }];
  },
};

/** Below this a log line or a note may be the last one, in bytes. */
const fullBytes = 5_000_000;

const scarceBytes = 100_000_000;

/** The disk under the state directory. */
export const diskCheck: Check = {
  id: "disk",
  title: "Disk",
  async run({ inspector }) {
    const { folder: facts, unwritable, freeBytes, logBytes, auditBytes } = await inspector.disk();
    const folder = facts.path;
    const fault = folderFault(facts);
    if (fault !== undefined) return [fault];
    const evidence = [
      `${folder}: ${sizeWord(freeBytes)} free`,
      `log ${sizeWord(logBytes)}, audit ${sizeWord(auditBytes)}`,
    ];
    if (unwritable !== undefined) {
      return [
        {
          id: "disk.unwritable",
          verdict: "failure",
          sentence: `Nothing can be written in ${folder} (${unwritable}).`,
          evidence,
          remedy:
            unwritable === "ENOSPC" || unwritable === "EDQUOT"
              ? "Make room on that disk."
              : run("chmod", "u+rwx", folder),
        },
      ];
    }
    if (freeBytes >= scarceBytes) {
      return [{ id: "disk.fine", verdict: "ok", sentence: "It has room.", evidence }];
    }
    return [
      {
        id: "disk.scarce",
        verdict: freeBytes < fullBytes ? "failure" : "warning",
        sentence: `The disk under ${folder} is almost full.`,
        evidence,
        remedy: "Make room on that disk.",
      },
    ];
  },
};

/** What keeps the state directory from being one that only we can write. */
const folderFault = (facts: PathFacts): Finding | undefined => {
  const { path, kind, mode = 0 } = facts;
  const found = { verdict: "failure", evidence: [pathLine(facts)] } as const;
  switch (kind) {
    case "directory":
      return (mode & 0o022) === 0
        ? undefined
        : {
            ...found,
            id: "disk.folder-open",
            sentence: `Others can write in ${path} (mode ${modeWord(mode)}).`,
            remedy: run("chmod", "700", path),
          };
    case "missing":
      return {
        ...found,
        id: "disk.no-folder",
        sentence: `${path} is not there: Evercred makes it when it starts.`,
        remedy: "Run: evercred daemon restart",
      };
    case "dangling":
      return { ...found, id: "disk.no-folder", ...leadsNowhere(facts) };
    case "hidden":
      return { ...found, id: "disk.no-folder", ...isHidden(facts) };
    default:
      return {
        ...found,
        id: "disk.no-folder",
        sentence: `${path} is no folder, so Evercred has no place for its state.`,
        remedy: run("mv", path, `${path}.old`),
      };
  }
};

/** What runs here, and whether it is all of one version. */
export const versionsCheck: Check = {
  id: "versions",
  title: "Versions",
  async run({ inspector, variables, running, shim, client }) {
    const facts = await inspector.versions(variables?.["PATH"]);
    const evidence = [
      `client ${facts.shim ?? "unknown"} at ${shim}`,
      ...(running === undefined ? [] : [`daemon ${running.daemon.version}`]),
      facts.electron === undefined ? `Node ${facts.node}` : `Electron ${facts.electron}`,
      facts.system,
      facts.claude === undefined ? "no Claude Code found" : `Claude Code ${facts.claude}`,
    ];
    const findings: Finding[] = [];
    if (facts.shim === undefined) {
      findings.push({
        id: "versions.client-broken",
        verdict: "failure",
        sentence: `The client ${shim} does not run.`,
        evidence,
        remedy: "Install Evercred again.",
      });
    } else if (running !== undefined && facts.shim !== running.daemon.version) {
      findings.push({
        id: "versions.differ",
        verdict: "warning",
        sentence: `The daemon is of version ${running.daemon.version}, the client of ${facts.shim}.`,
        evidence,
        remedy: "Run: evercred daemon restart",
      });
    }
    const outlived = running?.daemon.outlived();
    if (outlived !== undefined) findings.push({ ...replacedFinding(outlived), evidence });
    else if (client !== undefined && running !== undefined && client !== running.daemon.version) {
      findings.push({
        id: "versions.other-caller",
        verdict: "warning",
        sentence: `The evercred that was run here is of version ${client}, the daemon of ${running.daemon.version}.`,
        evidence,
        remedy: `Use ${shim}, or copy it over the one that was run.`,
      });
    }
    const [first] = facts.shims;
    if (first !== undefined && !first.isSame) {
      findings.push({
        id: "versions.other-client",
        verdict: "warning",
        sentence: `Who types evercred here gets ${first.path.path}, which is of another installation.`,
        evidence: facts.shims.map(({ path }) => pathLine(path)),
        remedy: `Remove ${first.path.path}, or put another folder before its own in PATH.`,
      });
    }
    return findings.length > 0
      ? findings
      : [{ id: "versions.agree", verdict: "ok", sentence: "They agree.", evidence }];
  },
};

/** What is said of a daemon in whose place another one is installed. */
const replacedFinding = (outlived: Outlived): Finding => {
  const id = "versions.replaced";
  const restart = "Run: evercred daemon restart";
  const installed = "Another Evercred is installed than the one that runs";
  switch (outlived) {
    case "request":
    case "renewal":
    case "sign-in":
      return {
        id,
        verdict: "note",
        sentence: `${installed}: it goes over by itself once no ${outlived} is under way.`,
      };
    case "draft":
      return {
        id,
        verdict: "note",
        sentence: `${installed}: it goes over by itself once what is typed in its window is saved or given up.`,
      };
    case "memory":
      return {
        id,
        verdict: "warning",
        sentence: `${installed}, which goes on since its sign-ins are in memory only: a restart asks for them again.`,
        remedy: restart,
      };
    case "by-hand":
      return {
        id,
        verdict: "warning",
        sentence: `${installed}, which was not started by one who would start the next.`,
        remedy: restart,
      };
  }
};
