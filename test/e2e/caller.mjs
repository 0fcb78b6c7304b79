// Prints whom AWS takes the JavaScript SDK for: with its default chain, with each of the profiles that are named, or,
// for "container", with its container provider alone.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromHttp, fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { HttpsProxyAgent } from "https-proxy-agent";

// This SDK reads no proxy from the environment.
const httpsAgent = new HttpsProxyAgent(process.env.HTTPS_PROXY);
const requestHandler = new NodeHttpHandler({ httpsAgent });
const names = process.argv.slice(2);

for (const name of names.length === 0 ? [undefined] : names) {
  const credentials =
    name === "container"
      ? fromHttp()
      : fromNodeProviderChain({ profile: name, clientConfig: { requestHandler } });
  const client = new STSClient({ profile: name, credentials, requestHandler });
  const { Arn } = await client.send(new GetCallerIdentityCommand({}));
  console.log(Arn);
}
