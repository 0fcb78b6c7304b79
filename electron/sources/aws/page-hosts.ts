/**
 * Where the pages of IAM Identity Center are: those of the organisation, of the region's services, and the domains that
 * AWS gives access portals.
 */
export const pageHostsOf = (startUrl: string, region: string): readonly string[] => {
  const domain = domainOf(region);
  return [
    new URL(startUrl).host,
    `oidc.${region}.${domain}`,
    `oidc-fips.${region}.${domain}`,
    `device.sso.${region}.${domain}`,
    ...(portalDomains[domain] ?? []),
  ];
};

/** The domain of the services in each partition, by how its regions begin; `amazonaws.com` is that of all others. */
const domains = {
  "cn-": "amazonaws.com.cn",
  "eusc-": "amazonaws.eu",
  "us-iso-": "c2s.ic.gov",
  "us-isob-": "sc2s.sgov.gov",
  "us-isof-": "csp.hci.ic.gov",
  "eu-isoe-": "cloud.adc-e.uk",
} as const;

type Domain = (typeof domains)[keyof typeof domains] | "amazonaws.com";

const domainOf = (region: string): Domain =>
  Object.entries(domains).find(([beginning]) => region.startsWith(beginning))?.[1] ??
  "amazonaws.com";

/** The domains of access portals in each partition, as far as they are known: nobody but AWS gives out a name below them. */
const portalDomains: Readonly<Partial<Record<Domain, readonly string[]>>> = {
  "amazonaws.com": [
    "*.awsapps.com",
    "*.app.aws",
    "*.sso.amazonaws.com",
    "*.portal.amazonaws.com",
    "identitycenter.amazonaws.com",
    "identitycenter.us-gov.amazonaws.com",
  ],
  "amazonaws.com.cn": [
    "*.awsapps.cn",
    "*.awsapps.com.cn",
    "*.app.amazonwebservices.com.cn",
    "*.portal.amazonaws.com.cn",
    "identitycenter.amazonaws.com.cn",
  ],
  "amazonaws.eu": ["*.portal.amazonaws.eu", "identitycenter.amazonaws.eu"],
};
