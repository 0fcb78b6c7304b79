/** How long things last at an issuer, in seconds. */
export interface IssuerLifetimes {
  accessToken: number;
  idToken: number;
  refreshToken: number;
  deviceCode: number;
}

export const usualLifetimes: IssuerLifetimes = {
  accessToken: 60 * 60,
  idToken: 60 * 60,
  refreshToken: 14 * 24 * 60 * 60,
  deviceCode: 10 * 60,
};
