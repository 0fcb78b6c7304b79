// What google-auth-library gets: an access token for the scopes in argv, or with `--audience AUD` an identity token.
import { GoogleAuth } from "google-auth-library";

const words = process.argv.slice(2);
const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

async function accessToken(scopes) {
  const auth = new GoogleAuth({ scopes: scopes.length > 0 ? scopes : [cloudPlatform] });
  return auth.getAccessToken();
}

async function idToken(audience) {
  const client = await new GoogleAuth().getIdTokenClient(audience);
  return client.idTokenProvider.fetchIdToken(audience);
}

try {
  const token = await (words[0] === "--audience" ? idToken(words[1]) : accessToken(words));
  console.log(JSON.stringify({ token }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message, kind: error.name, status: error.status }));
}
