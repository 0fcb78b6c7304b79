import { beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../electron/core/credential.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { SecretRequest, SignInOptions } from "../../electron/core/source.ts";
import { plus } from "../../electron/core/time.ts";
import { EnteredSource } from "../fakes/entered.ts";
import { key } from "../fakes/source.ts";
import { configure } from "./organisation.ts";
import { type Call, type CallerParts, hour, minute, second, terminal, World } from "./world.ts";

const question = "Enter the key of litellm:\n";
const elsewhere =
  "Evercred waits for the key of litellm: enter it in the tray, or run: evercred api-key set litellm";

/** A source that asks for a secret as a test says, and takes none that is too short. */
class PickySource extends EnteredSource {
  hasLines = false;
  least = 0;
  /** What somebody else does as soon as it is asked for. */
  onSubmit: (request: SecretRequest) => void = () => undefined;

  override async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    let length = 0;
    const grant = await super.signIn(
      {
        ...options,
        show: (request) => {
          if (request.flow !== "secret") throw new Error("It asks for a page.");
          options.show({
            ...request,
            hasLines: this.hasLines,
            submit: (secret) => {
              length = secret.reveal().length;
              this.onSubmit(request);
              return request.submit(secret);
            },
          });
        },
      },
      signal,
    );
    if (length < this.least) throw new EvercredError("usage", "The key is too short.");
    return grant;
  }
}

let world: World;
let source: PickySource;

beforeEach(async () => {
  world = await World.make({ sources: {} });
  source = new PickySource(world.clock);
  await world.broker.configure([source]);
});

const login = (
  types: NonNullable<CallerParts["types"]>,
  words: readonly string[] = [],
): Promise<Call> => world.start(["login", ...words], { terminal, types });

/** What is kept of it, in clear. */
const kept = (): string | undefined => world.store.peek("grant/litellm")?.split(" ")[1];

/** Somebody enters it in the tray. */
const enterThere = async (secret: string): Promise<void> => {
  const request = await world.session("litellm").signInOpen?.request;
  if (request?.flow !== "secret") throw new Error("Nothing is asked for.");
  request.submit(new Secret(secret));
};

describe("a key that is asked for on a terminal", () => {
  test("is typed without echo, and no page is opened", async () => {
    const call = await login(["sk-1234"], ["litellm"]);
    expect(await call.exit).toBe(0);
    expect(call).toMatchObject({
      stdout: "The key of litellm is in the keychain.\n",
      stderr: question,
      questions: ["h"],
    });
    expect(kept()).toBe("sk-1234");
    expect(world.pages).toBe(0);
  });

  test("is said to be kept until when", async () => {
    const endsAt = plus(world.clock.now(), 90 * 24 * hour);
    await world.broker.configure([new EnteredSource(world.clock, { endsAt })]);
    const call = await login(["sk-1234"]);
    await call.exit;
    expect(call.stdout).toBe(
      `The key of litellm is in the keychain, good until ${world.timeIn(90 * 24 * hour)}.\n`,
    );
  });

  test("is said to be in memory only where the keychain does not take it", async () => {
    world.store.mood = "locked";
    const call = await login(["sk-1234"]);
    await call.exit;
    expect(call.stdout).toBe("The key of litellm is in memory only, until Evercred ends.\n");
  });

  test("is taken without the blanks around it, and asked for again where there is nothing", async () => {
    const call = await login(["", "  ", " sk-1234 "]);
    expect(await call.exit).toBe(0);
    expect(kept()).toBe("sk-1234");
    expect(call.questions).toEqual(["h", "h", "h"]);
  });

  test("is asked for by name also where it is there: the new one replaces it", async () => {
    await (
      await login(["sk-old"])
    ).exit;
    await (
      await login(["sk-new"], ["litellm"])
    ).exit;
    expect(kept()).toBe("sk-new");
  });

  test.each([["--device-code"], ["--no-browser"]])(
    "is no matter of another machine: %s",
    async (flag) => {
      const call = await login(["sk-1234"], [flag]);
      expect(await call.exit).toBe(0);
      expect(call.stderr).toBe(question);
    },
  );

  test("that is refused is an error with the reason, and nothing is kept", async () => {
    source.least = 8;
    const call = await login(["sk-1"]);
    expect(await call.exit).toBe(2);
    expect(call.stderr).toContain("evercred: The key is too short.");
    expect(kept()).toBeUndefined();
  });

  test("may still be entered after the end of input, which is exit code 1", async () => {
    const call = await login([]);
    expect(await call.exit).toBe(1);
    expect(call.stderr).toContain(
      "Nothing was entered. The sign-in stays open: enter it in the tray, or run: evercred api-key set litellm\n",
    );
    expect(world.session("litellm").signInOpen).toBeDefined();
  });

  test("is shown nowhere", async () => {
    const lines: string[] = [];
    world.context.trace((line) => lines.push(line));
    const call = await login(["sk-1234"], ["--debug"]);
    await call.exit;
    expect(kept()).toBe("sk-1234");
    expect(call.stdout + call.stderr + lines.join("")).not.toContain("sk-1234");
  });

  test("is not waited for here once it has been entered in the tray", async () => {
    const call = await login([new Promise(() => undefined)]);
    await enterThere("sk-tray");
    expect(await call.exit).toBe(0);
    expect(kept()).toBe("sk-tray");
  });

  test("is not taken where one is entered in the tray first, and it says so", async () => {
    source.onSubmit = (request) => request.submit(new Secret("sk-tray"));
    const call = await login(["sk-typed"]);
    expect(await call.exit).toBe(0);
    expect(call.stderr).toContain(
      "Somebody else has entered the key of litellm first: what you typed is not taken.\n",
    );
    expect(kept()).toBe("sk-tray");
  });

  test("is waited for as --timeout says, and the sign-in stays open", async () => {
    const call = await login([new Promise(() => undefined)], ["--timeout", "5s"]);
    await world.clock.advance(5 * second);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toContain(
      "Nobody has entered the key of litellm yet. It is still waited for: enter it in the tray, or run: evercred api-key set litellm\n",
    );
    expect(world.session("litellm").signInOpen).toBeDefined();
  });
});

describe("a key that cannot be asked for here", () => {
  test.each<[string, CallerParts]>([
    ["without a terminal", {}],
    ["where nothing can be typed", { terminal: { ...terminal, stdin: false } }],
    ["where the question could not be read", { terminal: { ...terminal, stderr: false } }],
  ])("is said to be, with where it can be entered: %s", async (_where, caller) => {
    const call = await world.start(["login"], { types: ["sk-1234"], ...caller });
    expect(call).toMatchObject({
      stdout: "",
      stderr: `${elsewhere}. Waiting…\n`,
      questions: [],
    });
    await enterThere("sk-tray");
    expect(await call.exit).toBe(0);
  });

  test("since it has several lines, is taken from its file", async () => {
    source.hasLines = true;
    const call = await login(["-----BEGIN PRIVATE KEY-----"]);
    expect(call).toMatchObject({ stderr: `${elsewhere} < FILE. Waiting…\n`, questions: [] });
    await enterThere("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----");
    expect(await call.exit).toBe(0);
  });

  test("lapses with the sign-in", async () => {
    const call = await world.start(["login"]);
    await world.clock.advance(minute);
    expect(await call.exit).toBe(6);
  });
});

describe("keys beside sources that are signed in to", () => {
  beforeEach(async () => {
    await configure(world, { corp: { profiles: { dev: key } } });
    await world.broker.configure([...world.sources, source]);
  });

  test("are offered by login only while they are not there", async () => {
    const { stderr } = await world.run(["login"]);
    expect(stderr).toContain("Which one? corp, litellm.");
    await (
      await login(["sk-1234"], ["litellm"])
    ).exit;
    const call = await login([]);
    expect(world.browser.opened.map((page) => page.source)).toEqual(["corp"]);
    world.approve();
    expect(await call.exit).toBe(0);
    expect((await world.run(["login"])).stdout).toBe("You are signed in to corp.\n");
  });

  test("are all that login may find to be there", async () => {
    await world.broker.configure([source]);
    await (
      await login(["sk-1234"])
    ).exit;
    expect((await world.run(["login"])).stdout).toBe("Nothing needs a sign-in.\n");
  });

  test("are asked for one after the other with all that is needed", async () => {
    const call = await login(["sk-1234"], ["--all"]);
    expect(call.questions).toEqual([]);
    world.approve();
    expect(await call.exit).toBe(0);
    expect(call.stdout).toContain("Signed in to corp.\nThe key of litellm is in the keychain.\n");
  });

  test("are forgotten by logout only if they are meant", async () => {
    await (
      await login(["sk-1234"], ["litellm"])
    ).exit;
    expect((await world.run(["logout"])).stdout).toBe("You are not signed in.\n");
    await world.signIn();
    expect((await world.run(["logout"])).stdout).toBe("Signed out of corp.\n");
    expect(kept()).toBe("sk-1234");
    expect(await world.run(["logout", "litellm"])).toMatchObject({
      exit: 0,
      stdout: "The key of litellm is forgotten.\n",
      stderr: "",
    });
    expect(kept()).toBeUndefined();
    await (
      await login(["sk-1234"], ["litellm"])
    ).exit;
    expect((await world.run(["logout", "--all"])).stdout).toBe(
      "The key of litellm is forgotten.\n",
    );
    expect(kept()).toBeUndefined();
  });

  test("that the keychain does not give up are said to stay there", async () => {
    await (
      await login(["sk-1234"], ["litellm"])
    ).exit;
    world.store.mood = "locked";
    const { exit, stdout, stderr } = await world.run(["logout", "litellm"]);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain(
      "Evercred uses the key of litellm no more, but the keychain still has it.\n",
    );
  });
});
