import { expect, onTestFinished, test } from "vitest";
import { errorOf } from "../../../electron/core/errors.ts";
import { ownErrorIn } from "../../../electron/sources/own-error.ts";
import { Transport } from "../../../electron/sources/google/transport.ts";
import { html } from "../../fakes/cloud/exchange.ts";
import { proxyAgent } from "../aws/world.ts";
import { never, startWorld } from "./world.ts";

const redirectTo = (location: string) =>
  ({ kind: "status", status: 302, headers: { location } }) as const;

test.each([
  { what: "a page", fault: { kind: "html" }, captive: true },
  { what: "a 511", fault: { kind: "html", status: 511 }, captive: true },
  { what: "a redirect to another host", fault: redirectTo("https://x.example/"), captive: true },
  { what: "a redirect to the same host", fault: redirectTo("/elsewhere"), captive: false },
  { what: "a page with 403", fault: { kind: "html", status: 403 }, captive: false },
  { what: "a page with 503", fault: { kind: "html", status: 503 }, captive: false },
  { what: "what is no JSON", fault: { kind: "not-json" }, captive: false },
  { what: "a connection that is reset", fault: { kind: "reset" }, captive: false },
] as const)("$what in place of Google's reply is a captive portal's: $captive", async (each) => {
  const world = await startWorld();
  onTestFinished(() => world.close());
  const source = world.own();
  const grant = await world.signIn(source);
  world.cloud.faults.add(each.fault);
  const error = errorOf(await source.renew(grant, never).catch((thrown: unknown) => thrown));
  expect(error.captive).toBe(each.captive);
});

test("a certificate that is not Google's is a captive portal's", async () => {
  const world = await startWorld();
  onTestFinished(() => world.close());
  const agent = proxyAgent(world.cloud.proxyUrl, "");
  const url = "https://oauth2.googleapis.com/token";
  const asked = new Transport({ ...world.ports, agent }, never).request({ url, method: "POST" });
  const error = ownErrorIn(await asked.catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ code: "tls-failed", captive: true });
});

test("a page of a company's own host is its own", async () => {
  const host = "tokens.example.com";
  const world = await startWorld({ sites: { [host]: () => html(200, "<p>Back at noon.") } });
  onTestFinished(() => world.close());
  const asked = new Transport(world.ports, never).request({ url: `https://${host}/` });
  await expect(asked).resolves.toMatchObject({ data: "<p>Back at noon." });
});
