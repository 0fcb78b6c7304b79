// The library takes a while to load. Only `import()` may name this file, at the first request.
export {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  clientCredentialsGrant,
  ClientSecretBasic,
  ClientSecretPost,
  clockSkew,
  clockTolerance,
  customFetch,
  discovery,
  fetchUserInfo,
  genericGrantRequest,
  initiateDeviceAuthorization,
  None,
  refreshTokenGrant,
  tokenRevocation,
} from "openid-client";
