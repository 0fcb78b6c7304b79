/** Settings of a client that takes nothing from files or variables of the AWS tools, and tries once. */
export const clientSettings = {
  maxAttempts: 1,
  retryMode: "standard",
  defaultsMode: "standard",
  ignoreConfiguredEndpointUrls: true,
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
  userAgentAppId: "evercred",
} as const;
