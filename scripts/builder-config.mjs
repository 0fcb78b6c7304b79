import semver from "semver";

/**
 * The Electron that is packed. `folder`: where it is unpacked; undefined: electron-builder fetches that version.
 * @typedef {{ version: string, standIn: boolean, folder: string | undefined }} PackedElectron
 */

/**
 * What electron-builder.yml does not say, because it depends on the machine and on the build. Throws a sentence where a
 * release cannot be made so.
 * @param {object} build
 * @param {string} build.version
 * @param {PackedElectron} build.electron
 * @param {boolean} build.release false: a build to try, that nobody should install
 * @param {boolean} build.quick whether packages may be large, to be made in seconds
 * @param {NodeJS.Platform} build.platform
 * @param {NodeJS.ProcessEnv} build.env
 */
export function builderConfig({ version, electron, release, quick, platform, env }) {
  if (release && electron.standIn) {
    throw new Error(
      `A release is not made of the stand-in, Electron ${electron.version}: it gets no fixes. Build where the pinned Electron can be fetched.`,
    );
  }
  return {
    // A Linux package is signed from outside.
    forceCodeSigning: release && platform !== "linux",
    electronVersion: electron.version,
    ...(electron.folder === undefined ? {} : { electronDist: electron.folder }),
    extraMetadata: { version },
    electronFuses: semver.gte(electron.version, "29.0.0")
      ? { grantFileProtocolExtraPrivileges: false }
      : {},
    ...(platform === "darwin" ? { mac: { notarize: release } } : {}),
    ...(platform === "win32" ? { win: windowsSigning(env) } : {}),
    ...(platform === "linux" ? linuxOf({ electron, release, quick }) : {}),
  };
}

/** Azure Trusted Signing where its account is named, else signtool with the certificate of CSC_LINK. */
function windowsSigning(env) {
  const publisherName = env.EVERCRED_PUBLISHER;
  if (env.AZURE_SIGNING_ENDPOINT) {
    return {
      azureSignOptions: {
        publisherName,
        endpoint: env.AZURE_SIGNING_ENDPOINT,
        certificateProfileName: env.AZURE_SIGNING_PROFILE,
        codeSigningAccountName: env.AZURE_SIGNING_ACCOUNT,
        fileDigest: "SHA256",
        timestampRfc3161: "http://timestamp.acs.microsoft.com",
        timestampDigest: "SHA256",
      },
    };
  }
  return {
    signtoolOptions: {
      signingHashAlgorithms: ["sha256"],
      rfc3161TimeStampServer: "http://timestamp.digicert.com",
      // Without it an updater would not look at who has signed.
      ...(publisherName ? { publisherName } : {}),
    },
  };
}

function linuxOf({ electron, release, quick }) {
  return {
    ...(release ? {} : { linux: { synopsis: testSynopsis(electron) } }),
    ...(quick ? { deb: { compression: "gz" }, rpm: { compression: "gzip" } } : {}),
  };
}

/** The summary of a package that is there to be tried. */
export const testSynopsis = ({ version, standIn }) =>
  `Evercred, a test build${standIn ? ` with an outdated Electron ${version}` : ""}: not for use`;

/** The version of a build that is no release: below the release of that number. */
export const testVersion = (version) =>
  semver.prerelease(version) === null ? `${version}-test` : `${version}.test`;

/** Whether the client for Windows, cross-built, is part of a build: of a release only where it can be signed. */
export const packsWindowsShim = ({ release, env }) =>
  !release || Boolean(env.EVERCRED_WINDOWS_CERTIFICATE);
