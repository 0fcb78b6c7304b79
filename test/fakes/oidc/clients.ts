/** The secret of the clients that have one. */
export const clientSecret = "c0nfidential-client-secret-of-32-chars";

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

const common = {
  application_type: "native",
  id_token_signed_response_alg: "ES256",
  redirect_uris: ["http://127.0.0.1/oauth/callback", "http://localhost/oauth/callback"],
  response_types: ["code"],
};

const ofPerson = ["authorization_code", "refresh_token", deviceGrant];

/** What is registered: a public client with both flows of a person, one with a secret, one that acts for itself. */
export const clients = [
  {
    ...common,
    client_id: "evercred",
    client_name: "Evercred",
    grant_types: ofPerson,
    token_endpoint_auth_method: "none",
  },
  {
    ...common,
    client_id: "evercred-confidential",
    client_name: "Evercred with a secret",
    client_secret: clientSecret,
    grant_types: ofPerson,
    token_endpoint_auth_method: "client_secret_basic",
  },
  {
    ...common,
    client_id: "evercred-post",
    client_name: "Evercred with a secret in the form",
    client_secret: clientSecret,
    grant_types: ofPerson,
    token_endpoint_auth_method: "client_secret_post",
  },
  {
    ...common,
    client_id: "evercred-robot",
    client_name: "Evercred for itself",
    client_secret: clientSecret,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: "client_secret_basic",
  },
  // A company that has registered other addresses of this computer.
  {
    ...common,
    client_id: "evercred-fixed",
    client_name: "Evercred on a fixed port",
    grant_types: ofPerson,
    redirect_uris: ["http://localhost/signin-oidc"],
    token_endpoint_auth_method: "none",
  },
];
