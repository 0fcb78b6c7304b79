import type { CodeFlow } from "./code-flow.ts";
import type { DeviceFlow } from "./device-flow.ts";
import { html, redirect, Refusal } from "./exchange.ts";
import type { Site, SiteReply } from "./exchange.ts";
import type { Organisation } from "./organisation.ts";
import { consentPage, messagePage, userCodePage } from "./pages.ts";

function notFound(): SiteReply {
  return html(404, messagePage("Not found", "There is no such page."));
}

/** Who approved in the posted form; undefined when it was denied. */
function readDecision(form: URLSearchParams, organisation: Organisation): string | undefined {
  const decision = form.get("decision");
  if (decision === "deny") return undefined;
  const user = organisation.users.find((name) => name === form.get("user"));
  if (decision !== "approve" || user === undefined) {
    throw new Refusal(html(400, messagePage("Invalid request", "The form is incomplete.")));
  }
  return user;
}

/** `device.sso.REGION.amazonaws.com`: the verification page of the device flow. */
export function createDeviceSite(flow: DeviceFlow): Site {
  const unknownCode = html(400, messagePage("Invalid code", "The code is unknown or has expired."));
  return ({ method, path, query, body }) => {
    if (path !== "/") return notFound();
    const form = method === "POST" ? new URLSearchParams(body) : query;
    const userCode = form.get("user_code");
    if (userCode === null) return html(200, userCodePage());
    const request = flow.find(userCode.trim().toUpperCase());
    if (request === undefined) return unknownCode;
    const { organisation, client } = request;
    if (method !== "POST") {
      const consent = consentPage({
        organisation: organisation.name,
        client: client.name,
        users: organisation.users,
        userCode: request.userCode,
        action: "/",
        fields: { user_code: request.userCode },
      });
      return html(200, consent);
    }
    const user = readDecision(form, organisation);
    flow.decide(request.userCode, user);
    return user === undefined
      ? html(200, messagePage("Request denied", "You can close this window."))
      : html(200, messagePage("Request approved", "You can close this window."));
  };
}

/** An organisation's start URL: a welcome, and the consent page of the code flow. */
export function createStartSite(organisation: Organisation, flow: CodeFlow): Site {
  const start = new URL(organisation.startUrl).pathname;
  return ({ method, path, query, body }) => {
    if (path === start || path === `${start}/`) {
      return html(200, messagePage(organisation.name, "Choose an account."));
    }
    if (path !== `${start}/consent`) return notFound();
    const form = method === "POST" ? new URLSearchParams(body) : query;
    const request = flow.find(form.get("request") ?? "");
    if (request?.organisation !== organisation) {
      return html(400, messagePage("Invalid request", "The request is unknown or decided."));
    }
    if (method === "POST") return redirect(flow.decide(request, readDecision(form, organisation)));
    const consent = consentPage({
      organisation: organisation.name,
      client: request.client.name,
      users: organisation.users,
      action: path,
      fields: { request: request.id },
    });
    return html(200, consent);
  };
}
