// Verifies a JWT as a gateway does: reads {token, algorithm, key, now} as JSON, prints its header and claims, or why it
// is no good. `key` is a public key as PEM, for HMAC the secret; `now` is in epoch ms.
import { importSPKI, jwtVerify } from "jose";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const { token, algorithm, key, now } = JSON.parse(input);
const verifier = algorithm.startsWith("HS") ? Buffer.from(key) : await importSPKI(key, algorithm);
try {
  const options = { algorithms: [algorithm], currentDate: new Date(now) };
  const { protectedHeader, payload } = await jwtVerify(token, verifier, options);
  console.log(JSON.stringify({ header: protectedHeader, claims: payload }));
} catch (error) {
  console.log(JSON.stringify({ refused: error.code, claim: error.claim }));
}
