import { readConfigFile } from "./config-file.ts";
import { hasKeys, type Profile, profileTableOf } from "./profile-table.ts";
import type { Spot } from "../problem.ts";

/** A profile, and where what is meant of it stands. */
export interface ProfileSpot extends Spot {
  readonly profile: string;
}

/** What the AWS tools' own files say that outranks or disturbs what we hand out. */
export interface AwsConflicts {
  /** Profiles with keys of their own. */
  readonly keys: readonly ProfileSpot[];
  /** Profiles with an SSO sign-in that is not of an sso-session. */
  readonly legacy: readonly ProfileSpot[];
}

/** Reads both files. Never throws: what cannot be read says nothing. */
export const inspectAws = (configFile: string, credentialsFile: string): AwsConflicts => {
  const config = readConfigFile(configFile);
  const credentials = readConfigFile(credentialsFile, "credentials");
  const table = profileTableOf(
    { file: configFile, sections: config.sections },
    { file: credentialsFile, sections: credentials.sections },
  );
  const profiles = [...table.values()];
  const spots = (
    fits: (profile: Profile) => boolean,
    at: (profile: Profile) => Spot,
  ): readonly ProfileSpot[] =>
    profiles.filter(fits).map((profile) => ({ profile: profile.name, ...at(profile) }));
  const spotOf = ({ at, sharedKeys, configKeys }: Profile): Spot =>
    sharedKeys?.at ?? configKeys?.at ?? at;
  const spotIn = ({ file, line }: Spot): Spot => ({ file, line });
  return {
    keys: spots(hasKeys, spotOf),
    legacy: spots(
      ({ settings }) => settings.has("sso_start_url") && !settings.has("sso_session"),
      ({ at, settings }) => spotIn(settings.get("sso_start_url") ?? at),
    ),
  };
};

/** Where the sign-ins of a region are asked for: any answer from there shows the way. */
export const signInAddress = (region: string): URL =>
  new URL(`https://oidc.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`);
