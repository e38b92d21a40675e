// Drives public SDKs, unmodified, against a running stack, and asks its API whether every event arrived once.

import { checks as nodeChecks } from './node-clients.mjs';
import { browserPath, checks as browserChecks } from './browser-client.mjs';
import { url } from './stack.mjs';

const wanted = process.argv.slice(2);
const browser = browserPath();
const checks = [...nodeChecks, ...(browser ? browserChecks : [])].filter(
  ([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
);

console.log(`Against ${url}`);
let failed = 0;
for (const [name, run] of checks) {
  const start = Date.now();
  try {
    const found = await run();
    console.log(`ok    ${name}: ${found} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (failure) {
    failed += 1;
    console.log(`FAIL  ${name}: ${failure.message}`);
  }
}
if (!browser) console.log('no browser was found, so its checks did not run: set CHROMIUM to one');
console.log(failed === 0 ? `${checks.length} checks passed` : `${failed} of ${checks.length} checks failed`);
process.exit(failed === 0 && browser ? 0 : 1);
