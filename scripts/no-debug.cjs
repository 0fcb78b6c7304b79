// Stands for the package debug in the bundles: what some libraries would print if a variable of the environment told them to,
// of requests and of what is in them, is nobody's to see.
/* global module */
const silent = () => Object.assign(() => undefined, { enabled: false, extend: silent });
module.exports = silent;
module.exports.default = silent;
