// The library takes a tenth of a second to load. Only `import()` may name this file, at the first request.
export {
  AwsClient,
  CodeChallengeMethod,
  ExternalAccountAuthorizedUserClient,
  GoogleToken,
  IdentityPoolClient,
  Impersonated,
  OAuth2Client,
} from "google-auth-library";
export { Transport } from "./transport.ts";
