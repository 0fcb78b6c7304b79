import { isAbsolute, join } from "node:path";
import { checks, examinedVariables } from "./doctor/checks.ts";
import { bundleFiles } from "./doctor/bundle.ts";
import type { Check, Patient } from "./doctor/check.ts";
import { examine, type Found, isWell } from "./doctor/examine.ts";
import { reportJson, reportLines } from "./doctor/report.ts";
import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { within } from "../core/time.ts";
import { patiently } from "./patience.ts";
import { plain } from "./plain.ts";
import { sessionOf } from "./profile.ts";
import { fetched } from "./silent.ts";
import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";

/** Files that cannot be read in this time may be what is wrong, in milliseconds. */
const refreshMs = 5_000;

/** A credential for the check is there within this time, or the check goes without, in milliseconds. */
const credentialMs = 10_000;

/** What is wrong here, and what mends it. */
export const doctor: Verb = {
  name: "doctor",
  summary: "find out what is wrong, and what mends it",
  words: "[FILE]",
  most: 1,
  flags: {
    json: { summary: "as JSON, version 1" },
    source: { value: "SOURCE", summary: "ask only the provider of this one" },
    check: { value: "CHECK", summary: "examine only this part; may be given again" },
    "no-verify": { summary: "do not ask whether you may use Claude" },
    bundle: { summary: "also write an archive for support, without secrets, to FILE" },
  },
  about:
    "Examines the daemon, the keychain, the network, each sign-in, and the settings of AWS, Google, Claude Code and editors, as they are seen from this folder. The worst comes first, each with what shows it and one step that mends it. Changes nothing. Exits 0 if nothing is worse than a warning, else 1. --bundle writes evercred-support-DATE.tar.gz here if no FILE is named.",
  async run(parsed, request, reply, context) {
    const only = parsed.value("source");
    await within(context.clock, refreshMs, context.inspector.refresh(), undefined);
    const patient: Patient = {
      inspector: context.inspector,
      clock: context.clock,
      configFile: context.daemon.configFile,
      configReader: context.configReader,
      shim: context.daemon.shim,
      client: request.client,
      cwd: request.cwd,
      variables: await reply.variables(examinedVariables),
      only: only === undefined ? undefined : sessionOf(only, context).source.id,
      credentialOf: async (target, signal) => {
        const { session, offer } = context.broker.route(target);
        const wanted = { session, key: offer.key, target, title: target, limitMs: credentialMs };
        return fetched("doctor", wanted, parsed, { ...request, signal }, reply, context);
      },
      running: context,
    };
    const work = diagnose(parsed, patient, request, reply, context.logs);
    return patiently("the last of the checks", work, request, reply, context.clock);
  },
};

type Printer = Pick<Reply, "print" | "printJson" | "say">;

/** Examines, reports, and writes the archive where one is wanted. Resolves to the exit code. */
export const diagnose = async (
  parsed: Parsed,
  patient: Patient,
  { cwd, signal }: Pick<Request, "cwd" | "signal">,
  reply: Printer,
  logs: Pick<Context["logs"], "last">,
): Promise<number> => {
  const [named] = parsed.words;
  if (named !== undefined && !parsed.has("bundle")) {
    throw new EvercredError("usage", "A file goes with --bundle.", {
      remedy: `Write: evercred doctor --bundle ${plain(named)}`,
    });
  }
  const asked = checksIn(parsed);
  const found = await examine(asked, patient, signal);
  signal.throwIfAborted();
  // An archive that cannot be written takes no report away.
  report(found, patient, parsed, reply);
  if (parsed.has("bundle")) {
    const name = named ?? `evercred-support-${dayOf(patient.clock.now())}.tar.gz`;
    const file = isAbsolute(name) ? name : join(cwd, name);
    const files = await bundleFiles(found, patient, (lines) => logs.last(lines, "debug"));
    await patient.inspector.bundle(file, files);
    reply.say(`Written: ${plain(file)}. Look through it before you send it on.`);
  }
  return isWell(found) ? 0 : 1;
};

/** The parts of the examination that are wanted. Throws `usage` for one that there is not. */
const checksIn = (parsed: Parsed): readonly Check[] => {
  const named = parsed.values("check");
  const ids = checks.map(({ id }) => id);
  const unknown = named.find((name) => !ids.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, ids);
    throw new EvercredError("usage", `There is no check ${plain(unknown)}.`, {
      remedy: near === undefined ? `There are ${ids.join(", ")}.` : `Did you mean ${near}?`,
    });
  }
  return checks
    .filter(({ id }) => named.length === 0 || named.includes(id))
    .filter(({ id }) => id !== "access" || !parsed.has("no-verify"));
};

const report = (
  found: readonly Found[],
  { clock }: Patient,
  parsed: Parsed,
  reply: Printer,
): void => {
  if (parsed.has("json")) reply.printJson(reportJson(found, clock.now()));
  else reportLines(found).forEach((line) => reply.print(line));
};

/** `2026-11-29` */
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
