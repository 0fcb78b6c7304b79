import { setTimeout as sleep } from "node:timers/promises";
import { type Effort, type Findings, ms } from "./figures.ts";
import { loadSocket } from "./load.ts";
import { exportWords, placeFor, signIn, socketOf, startHeadless } from "./place.ts";

const callers = 500;

/** Callers who all meet the same ended credential: the daemon is stopped while it ends, as by a sleeping computer. */
export const measureBurst = async ({ quick }: Effort): Promise<Findings> => {
  const lifeMs = quick ? 3_000 : 6_000;
  const house = await placeFor({ lifetimes: { accessTokenMs: lifeMs, roleMs: lifeMs } });
  const { cloud } = house;
  const daemon = await startHeadless(house);
  await signIn(house);
  const first = await house.evercred(...exportWords);
  if (first.code !== 0) throw new Error(first.stderr);
  // What lives longer from now on is not renewed again while it is counted.
  cloud.lifetimes.accessTokenMs = 3_600_000;
  cloud.lifetimes.roleMs = 3_600_000;
  process.kill(daemon.pid, "SIGSTOP");
  await sleep(lifeMs);
  const count = () => ({
    exchanges: cloud.log.count({ grantType: "refresh_token" }),
    roles: cloud.log.count({ path: "/federation/credentials" }),
  });
  const before = count();
  const pagesBefore = (await house.pages()).length;
  const asking = loadSocket(socketOf(house), exportWords, callers, callers);
  // All are connected, and wait in the socket's queue.
  await sleep(200);
  process.kill(daemon.pid, "SIGCONT");
  const load = await asking;
  const after = count();
  await daemon.stop();
  const exchanges = after.exchanges - before.exchanges;
  const roles = after.roles - before.roles;
  const pages = (await house.pages()).length - pagesBefore;
  const holds = exchanges === 1 && roles === 1 && pages === 0;
  const measured = `${said(exchanges)}, ${String(roles)} role request${roles === 1 ? "" : "s"}, ${pages === 0 ? "no page" : `${String(pages)} pages`}, all served`;
  return {
    budgets: [
      {
        what: `${String(callers)} callers at once on an ended credential`,
        measured,
        budget: "1 exchange, 1 role request, no page",
        holds,
        ...(holds ? {} : { why: "fails: more was asked for than one caller needs" }),
      },
    ],
    tables: [
      {
        title: `${String(callers)} callers at once on an ended credential`,
        head: ["served", "asked of the provider", "the last had it after"],
        rows: [[String(load.requests), measured, ms(load.maxUs / 1000 - 200)]],
        note: "The access token and the role's keys end while the daemon is stopped, as by sleep; the callers connect, and it wakes up. The time is from then on, the provider's answers and the loading of the SDK included.",
      },
    ],
  };
};

const said = (exchanges: number): string =>
  `${String(exchanges)} exchange${exchanges === 1 ? "" : "s"}`;
