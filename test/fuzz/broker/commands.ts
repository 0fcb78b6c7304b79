import fc from "fast-check";
import type { ErrorCode } from "../../../electron/core/errors.ts";
import { settle } from "../../fakes/clock.ts";
import type { StoreMood } from "../../fakes/store.ts";
import { type Machine, type Name, names, type Place, places, targets } from "./machine.ts";
import type { Reference } from "./reference.ts";

const second = 1_000;
const minute = 60 * second;

/** One thing that happens, in the reference and in the machine. */
class Happening implements fc.AsyncCommand<Reference, Machine> {
  readonly #title: string;
  readonly #happen: (known: Reference, machine: Machine) => Promise<void> | void;
  readonly #may: (known: Pick<Reference, "of">) => boolean;

  constructor(
    title: string,
    happen: (known: Reference, machine: Machine) => Promise<void> | void,
    may: (known: Pick<Reference, "of">) => boolean = () => true,
  ) {
    this.#title = title;
    this.#happen = happen;
    this.#may = may;
  }

  check(known: Pick<Reference, "of">): boolean {
    return this.#may(known);
  }

  async run(known: Reference, machine: Machine): Promise<void> {
    await this.#happen(known, machine);
    await machine.clock.advance(0);
    await settle();
    machine.check();
    // A page is there only because somebody has asked for it.
    const asked = places.reduce((sum, place) => sum + machine.providers[place].count("sign-in"), 0);
    if (asked > known.pages) throw new Error("a page that nobody asked for");
  }

  toString(): string {
    return this.#title;
  }
}

const ask = (name: Name, fresh: boolean): Happening =>
  new Happening(`${fresh ? "insist on" : "ask for"} ${name}`, async (known, machine) => {
    const askedAt = machine.clock.now();
    let isAnswered = false;
    let isLate = false;
    await machine.ask(name, fresh, (answer) => {
      isAnswered = true;
      const wrong = known.judge(name, fresh, answer, isLate, machine.clock.now());
      if (wrong !== undefined) machine.broken.push(`${name}: ${wrong}`);
    });
    await settle();
    isLate = true;
    if (!isAnswered && known.isPrompt(name, askedAt)) throw new Error(`${name}: no answer`);
  });

const configured = (place: Place) => (known: Pick<Reference, "of">) => known.of(place).configured;

const signIn = (place: Place, end: "approve" | "refuse" | "cancel" | "leave open"): Happening =>
  new Happening(
    `sign in to ${place}: ${end}`,
    async (known, machine) => {
      // No two sign-ins are of the same instant: they are told apart by it.
      await machine.clock.advance(1);
      const session = machine.session(place);
      if (session.signInOpen === undefined) known.pages += 1;
      session.signIn(undefined);
      await settle();
      const visit = machine.sources[place].visits.at(-1);
      if (end === "cancel") session.cancelSignIn();
      if (end === "refuse") visit?.refuse();
      if (end !== "approve") return;
      if (visit === undefined || machine.willLose(place)) known.doubt(place);
      else known.signedIn(place, machine.clock.now());
      visit?.approve();
      await settle();
    },
    configured(place),
  );

const signOut = (place: Place): Happening =>
  new Happening(
    `sign out of ${place}`,
    async (known, machine) => {
      // An answer that is on its way is from before.
      const isUnderWay = !machine.isIdle;
      void machine
        .session(place)
        .signOut()
        .catch(() => undefined);
      known.signedOut(place, machine.clock.now());
      if (isUnderWay) known.doubt(place);
      await settle();
    },
    configured(place),
  );

const outage = (place: Place, code: ErrorCode | undefined): Happening =>
  new Happening(`${place} is ${code ?? "well"}`, (known, machine) => {
    machine.providers[place].outage = code;
    known.outage(place, code, machine.clock.now());
  });

const keychain = (mood: StoreMood): Happening =>
  new Happening(`the keychain is ${mood}`, (known, machine) => {
    machine.store.mood = mood;
    known.keychain(mood, machine.clock.now());
  });

const latency = (ms: number): Happening =>
  new Happening(`answers take ${String(ms)} ms`, (known, machine) => {
    for (const place of places) machine.providers[place].latencyMs = ms;
    known.latency(ms, machine.clock.now());
  });

const pass = (ms: number): Happening =>
  new Happening(`${String(ms)} ms pass`, (_known, machine) => machine.pass(ms));

const sleep = (ms: number): Happening =>
  new Happening(`sleep for ${String(ms)} ms`, async (_known, machine) => {
    machine.clock.jump(ms);
    await machine.pass(second);
  });

const again = (how: "restart" | "crash"): Happening =>
  new Happening(how, async (known, machine) => {
    if (!machine.isIdle) for (const place of places) known.doubt(place);
    for (const place of places) known.reopened(place);
    await machine[how]();
    // What the one before gave out on its way out goes with it.
    for (const place of places) known.reopened(place);
  });

const provider = (place: Place, how: "end sessions" | "lose the next reply"): Happening =>
  new Happening(`${place}: ${how}`, (known, machine) => {
    if (how === "end sessions") machine.providers[place].endSessions();
    else machine.loseReply(place);
    known.doubt(place);
  });

const deny = (name: Name): Happening =>
  new Happening(`${name} is denied`, (known, machine) => {
    machine.providers[targets[name].place].denied.add(targets[name].key);
    known.deny(name);
  });

const allow = new Happening("all is allowed", (known, machine) => {
  for (const place of places) machine.providers[place].denied.clear();
  known.allow();
});

const otherTool = (how: "signs in" | "signs out"): Happening =>
  new Happening(`another tool ${how}`, async (known, machine) => {
    if (how === "signs out") machine.shared.remove();
    else {
      await machine.clock.advance(1);
      machine.shared.leave(machine.providers.corp.signIn(machine.sources.corp.boundTo));
      known.left("corp");
    }
    void machine.broker.look();
    await settle();
  });

const without = (place: Place): Happening =>
  new Happening(`${place} is taken out of the configuration`, async (known, machine) => {
    known.of(place).configured = false;
    await machine.configure(places.filter((one) => known.of(one).configured));
  });

const withAll = new Happening("all is in the configuration", async (known, machine) => {
  for (const place of places) {
    if (known.of(place).configured) continue;
    known.of(place).configured = true;
    known.reopened(place);
    if (!machine.isIdle) known.doubt(place);
  }
  await machine.configure(places);
});

const place = fc.constantFrom(...places);
const name = fc.constantFrom(...names);

/** All that can happen. */
export const happenings: fc.Arbitrary<Happening>[] = [
  ...Array<fc.Arbitrary<Happening>>(6).fill(fc.tuple(name, fc.boolean()).map((a) => ask(...a))),
  ...Array<fc.Arbitrary<Happening>>(3).fill(
    fc
      .tuple(
        place,
        fc.constantFrom(
          "approve",
          "approve",
          "approve",
          "approve",
          "refuse",
          "cancel",
          "leave open",
        ),
      )
      .map(([where, end]) => signIn(where, end)),
  ),
  ...Array<fc.Arbitrary<Happening>>(2).fill(
    fc
      .oneof(fc.integer({ min: 0, max: 10 * second }), fc.integer({ min: 0, max: 100 * minute }))
      .map(pass),
  ),
  place.map(signOut),
  fc.integer({ min: 0, max: 12 * 60 * minute }).map(sleep),
  fc
    .tuple(
      place,
      fc.constantFrom<ErrorCode | undefined>(
        "unreachable",
        "provider-unavailable",
        "throttled",
        undefined,
        undefined,
      ),
    )
    .map((a) => outage(...a)),
  fc.constantFrom<StoreMood>("well", "well", "locked", "hanging", "unavailable").map(keychain),
  fc.constantFrom(0, 0, 300, 8 * second).map(latency),
  fc.constantFrom("restart" as const, "crash" as const).map(again),
  fc
    .tuple(place, fc.constantFrom("end sessions" as const, "lose the next reply" as const))
    .map((a) => provider(...a)),
  name.map(deny),
  fc.constant(allow),
  fc.constantFrom("signs in" as const, "signs out" as const).map(otherTool),
  place.map(without),
  fc.constant(withAll),
];
