/**
 * A PAC script whose answers can be told from each other. Chromium goes directly where none of what FindProxyForURL has
 * returned is known to it, and says no more than that: what the script then returns is a proxy that cannot be, whose name
 * is the answer.
 */
export const tellingScript = (script: string): string => `${script}
;(function (ask) {
  FindProxyForURL = function (url, host) {
    var answer = String(ask(url, host)), name = "", i;
    if (/(^|;)\\s*(DIRECT|(PROXY|HTTPS?|SOCKS[45]?)\\s+\\S+)\\s*(;|$)/i.test(answer)) return answer;
    for (i = 0; i < answer.length && i < ${longest}; i++) {
      name += (256 + (answer.charCodeAt(i) & 255)).toString(16).slice(1);
    }
    return "PROXY " + name + "${ending}";
  };
})(FindProxyForURL);`;

/** What the script itself has returned, as far as it is told. */
export const toldAnswer = (answer: string): string => {
  if (!answer.startsWith("PROXY ") || !answer.endsWith(ending)) return answer;
  return Buffer.from(answer.slice("PROXY ".length, -ending.length), "hex").toString("latin1");
};

/** A label of DNS has 63 characters (RFC 1035, 2.3.4), of which each of these takes two. */
const longest = 30;

/** Names under `invalid` are nobody's (RFC 6761, 6.4). */
const ending = ".said.invalid:9";
