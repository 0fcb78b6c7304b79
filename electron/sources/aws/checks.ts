import { shown } from "../shown.ts";
import { isStartUrl } from "./start-url.ts";

/** What is wrong with a value, as the end of a sentence, and how to mend it. */
export interface Fault {
  readonly sentence: string;
  readonly remedy: string;
}

/** AWS region names: `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`. A name goes into host names: nothing else may pass. */
const regionForm = /^[a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

/** Role and permission set names (service model of sso: `RoleNameType` is free text; IAM allows these). */
const roleForm = /^[\w+=,.@-]{1,64}$/;

const scopeForm = /^[\x21-\x2b\x2d-\x5b\x5d-\x7e]{1,80}$/;

/** What is wrong with a region name. */
export const faultOfRegion = (region: string): Fault | undefined =>
  regionForm.test(region)
    ? undefined
    : {
        sentence: `"${shown(region)}" is not the name of an AWS region`,
        remedy: "Write it like us-east-1, with any comment on a line of its own.",
      };

/** What is wrong with a start URL. */
export const faultOfStartUrl = (startUrl: string): Fault | undefined =>
  isStartUrl(startUrl)
    ? undefined
    : {
        sentence: `the start URL "${shown(startUrl)}" is not an https address`,
        remedy: "Write it like https://example.awsapps.com/start.",
      };

/** What is wrong with an account number. */
export const faultOfAccount = (account: string): Fault | undefined =>
  /^\d{12}$/.test(account)
    ? undefined
    : {
        sentence: `account "${shown(account)}" does not have 12 digits`,
        remedy: "Write the account number with all its zeros and without dashes.",
      };

/** What is wrong with a role name. */
export const faultOfRole = (role: string): Fault | undefined =>
  roleForm.test(role)
    ? undefined
    : {
        sentence: `"${shown(role)}" cannot be the name of a role`,
        remedy: "Write the name of the permission set as the access portal shows it.",
      };

/** What is wrong with a list of scopes. */
export const faultOfScopes = (scopes: readonly string[]): Fault | undefined =>
  scopes.length > 0 && scopes.every((scope) => scopeForm.test(scope))
    ? undefined
    : {
        sentence: `"${shown(scopes.join(","))}" is not a list of scopes`,
        remedy: "Write them with commas between, like sso:account:access.",
      };

/** `arn:aws:iam::111122223333:role/path/Name`, in any partition (IAM reference, "IAM identifiers"). */
const roleArnForm = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/[\u0021-\u007e]{1,576}$/;

/** What is wrong with the ARN of a role. */
export const faultOfRoleArn = (arn: string): Fault | undefined =>
  roleArnForm.test(arn)
    ? undefined
    : {
        sentence: `"${shown(arn)}" is not the ARN of a role`,
        remedy: "Write it like arn:aws:iam::111122223333:role/Developer.",
      };

/** What is wrong with the name of a role's session (service model of sts: `roleSessionNameType`). */
export const faultOfSessionName = (name: string): Fault | undefined =>
  /^[\w+=,.@-]{2,64}$/.test(name)
    ? undefined
    : {
        sentence: `"${shown(name)}" cannot be the name of a role's session`,
        remedy: "Use 2 to 64 letters, digits and +=,.@_-.",
      };

/** What is wrong with an external id (service model of sts: `externalIdType`). */
export const faultOfExternalId = (id: string): Fault | undefined =>
  /^[\w+=,.@:/-]{2,1224}$/.test(id)
    ? undefined
    : {
        sentence: "its external_id has a form that AWS does not take",
        remedy: "Copy it again from whoever owns the role.",
      };

/** What is wrong with the serial number of a device (service model of sts: `serialNumberType`). */
export const faultOfMfaSerial = (serial: string): Fault | undefined =>
  /^[\w+=/:,.@-]{9,256}$/.test(serial)
    ? undefined
    : {
        sentence: `"${shown(serial)}" is not the serial number of an MFA device`,
        remedy: "Write its ARN, like arn:aws:iam::111122223333:mfa/alice.",
      };

/** Where the token service is asked in each partition where nothing names a region. */
const partitionRegions: Readonly<Record<string, string>> = {
  "aws-us-gov": "us-gov-west-1",
  "aws-cn": "cn-north-1",
  "aws-eusc": "eusc-de-east-1",
  "aws-iso": "us-iso-east-1",
  "aws-iso-b": "us-isob-east-1",
};

/** The region in which an ARN's token service can be asked. */
export const homeRegionOf = (arn: string | undefined): string =>
  partitionRegions[/^arn:([a-z-]+):/.exec(arn ?? "")?.[1] ?? ""] ?? "us-east-1";
