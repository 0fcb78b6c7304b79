import { expect, onTestFinished, test } from "vitest";
import { exampleOrganisation } from "../../fakes/cloud/organisation.ts";
import { corp, deployRole, Issuer, never, startWorld } from "./world.ts";

test.each([
  ["us-gov-west-1", "aws-us-gov", "amazonaws.com"],
  ["cn-north-1", "aws-cn", "amazonaws.com.cn"],
  ["eu-central-2", "aws", "amazonaws.com"],
])(
  "%s: sign-in, roles and chained roles go to the hosts of their own partition",
  async (region, partition, suffix) => {
    const roleArn = `arn:${partition}:iam::444455556666:role/Deploy`;
    const world = await startWorld({
      organisations: [{ ...exampleOrganisation, region }],
      iam: { roles: [{ arn: roleArn, trust: ["111122223333"] }] },
    });
    onTestFinished(world.close);
    const role = { ...deployRole, roleArn, parent: "111122223333/Developer", stsRegion: region };
    const source = world.source({ ...corp, region, assumed: [role] });
    for (const flow of ["code", "device"] as const) {
      const grant = await source.renew(await world.signIn(source, flow), never);
      const credential = await new Issuer(source, grant).of("deploy");
      expect(world.cloud.keyRing.find(credential.accessKeyId)?.identity.arn).toBe(
        `arn:${partition}:sts::444455556666:assumed-role/Deploy/evercred`,
      );
      expect(await source.identify(grant, never, undefined)).toBe(exampleOrganisation.users[0]);
      expect(await source.directory.accounts(grant, never)).toHaveLength(2);
    }
    const hosts = new Set(world.cloud.log.all({ host: /amazonaws/ }).map(({ host }) => host));
    expect([...hosts].sort()).toEqual([
      `device.sso.${region}.${suffix}`,
      `oidc.${region}.${suffix}`,
      `portal.sso.${region}.${suffix}`,
      `sts.${region}.${suffix}`,
    ]);
    expect(world.cloud.refusedHosts).toEqual([]);
  },
);
