// The two Node libraries.

import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
import { Analytics } from '@segment/analytics-node';
import { arrivedOnce, check, url, writeKey } from './stack.mjs';
import { weather } from './weather.mjs';

const RudderAnalytics = createRequire(import.meta.url)('@rudderstack/rudder-sdk-node');

/** Every call that there is, of one person; more of them than a batch takes. */
function calls(who) {
  const person = { userId: `u-${who}`, anonymousId: `a-${who}` };
  const many = Array.from({ length: 40 }, (_, i) => ({
    call: 'track',
    message: { ...person, event: 'Product Viewed', properties: { product_id: `p${i}`, price: 9.5 } },
  }));
  return [
    { call: 'track', message: { anonymousId: `a-${who}`, event: 'Cart Viewed', properties: { cart_id: 'c' } } },
    { call: 'identify', message: { ...person, traits: { email: `${who}@example.com`, plan: 'pro' } } },
    { call: 'page', message: { ...person, name: 'Home', properties: { path: '/' } } },
    { call: 'screen', message: { ...person, name: 'Start' } },
    { call: 'group', message: { ...person, groupId: `g-${who}`, traits: { name: 'Acme' } } },
    { call: 'alias', message: { userId: `u-${who}`, previousId: `a-${who}` } },
    ...many,
  ];
}

async function segment(target, who) {
  const client = new Analytics({ writeKey, host: target, flushAt: 15, flushInterval: 500, maxRetries: 6 });
  const failures = [];
  client.on('error', (error) => failures.push(String(error.reason ?? error)));
  const sent = calls(who).map(
    ({ call, message }) =>
      new Promise((resolve, reject) =>
        client[call](message, (error, context) => (error ? reject(error) : resolve(context.event.messageId))),
      ),
  );
  const ids = await Promise.all(sent);
  await client.closeAndFlush({ timeout: 30_000 });
  check('the library reports no failure', failures.length === 0, failures);
  return ids;
}

async function rudder(target, who) {
  const failures = [];
  const client = new RudderAnalytics(writeKey, {
    dataPlaneUrl: target,
    flushAt: 20,
    flushInterval: 500,
    errorHandler: (error) => failures.push(String(error)),
  });
  const ids = [];
  const sent = calls(who).map(({ call, message }) => {
    const messageId = `r-${randomUUID()}`;
    ids.push(messageId);
    return new Promise((resolve) => client[call]({ ...message, messageId }, resolve));
  });
  await client.flush();
  await Promise.race([Promise.all(sent), new Promise((resolve) => setTimeout(resolve, 20_000))]);
  check('the library reports no failure', failures.length === 0, failures);
  return ids;
}

async function isOnePerson(who, ids) {
  const entries = await arrivedOnce(`user_id:u-${who}`, ids);
  await arrivedOnce(`email:${who}@example.com`, [ids[0]]);
  const types = new Set([...entries.values()].map((entry) => entry.type));
  for (const type of ['track', 'identify', 'page', 'screen', 'group', 'alias']) {
    check(`a ${type} call arrived`, types.has(type), [...types]);
  }
}

async function plain(library) {
  const who = randomUUID();
  const ids = await library(url, who);
  await isOnePerson(who, ids);
  return `${ids.length} events of 6 kinds`;
}

async function inBadWeather(library, plan) {
  const way = await weather(url, plan);
  try {
    const who = randomUUID();
    const ids = await library(way.url, who);
    await isOnePerson(who, ids);
    const met = way.seen.map((request) => request.what).filter((what) => what !== 'fine');
    check('all of the weather was met', met.length === plan.length, met);
    return `${ids.length} events over ${way.seen.length} requests, of which ${met.join(', ')}`;
  } finally {
    way.close();
  }
}

async function zips() {
  const way = await weather(url, []);
  try {
    const who = randomUUID();
    await arrivedOnce(`user_id:u-${who}`, await rudder(way.url, who));
    check(
      'the bodies were compressed',
      way.seen.every((request) => request.headers['content-encoding'] === 'gzip'),
      way.seen.map((request) => request.headers['content-encoding']),
    );
    return `${way.seen.length} compressed requests`;
  } finally {
    way.close();
  }
}

export const checks = [
  ['@segment/analytics-node: every call arrives once', () => plain(segment)],
  [
    '@segment/analytics-node: 429, 503 and a lost answer lose and repeat nothing',
    () => inBadWeather(segment, ['busy', 'deaf', 'away']),
  ],
  ['@rudderstack/rudder-sdk-node: every call arrives once', () => plain(rudder)],
  ['@rudderstack/rudder-sdk-node: compresses as it does by default', zips],
  [
    '@rudderstack/rudder-sdk-node: 429, 503 and a lost answer lose and repeat nothing',
    () => inBadWeather(rudder, ['busy', 'deaf', 'away']),
  ],
];
