// Segment's browser library, in a real browser: Chromium, headless, with an empty profile each time.

import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
import { chromium } from 'playwright-core';
import { api, arrivedOnce, check, customerOf, eventually, simulators, url, writeKey } from './stack.mjs';
import { weather } from './weather.mjs';

const library = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@segment/analytics-next/package.json')),
  'dist/umd',
);
const pagePort = Number(process.env.THROUGHLINE_PAGE_PORT || 3000);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function browserPath() {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return known.find((candidate) => candidate && fs.existsSync(candidate));
}

/** The shop's site: one page, and the library as npm ships it. */
function site() {
  const server = http.createServer((request, response) => {
    const asked = new URL(request.url, 'http://page').pathname;
    const file = path.join(library, path.basename(asked));
    if (asked.startsWith('/library/') && fs.existsSync(file)) {
      response.writeHead(200, { 'Content-Type': 'text/javascript' });
      fs.createReadStream(file).pipe(response);
    } else {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end('<!doctype html><title>Shop</title><script src="/library/index.js"></script>');
    }
  });
  return new Promise((resolve) => server.listen(pagePort, () => resolve(server)));
}

async function withPage(work, origin = `http://localhost:${pagePort}`) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-client-'));
  const server = await site();
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath(),
    headless: true,
    args: FLAGS,
  });
  try {
    const page = await context.newPage();
    await page.goto(`${origin}/`);
    return await work(page, context);
  } finally {
    await context.close();
    server.closeAllConnections();
    server.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

/** Loads the library in the page; only where it gets its settings is told. */
function load(page, options = {}, settingsFrom = url) {
  return page.evaluate(
    async ({ writeKey, cdnURL, options }) => {
      const { AnalyticsBrowser } = window.AnalyticsNext;
      window.failures = [];
      window.analytics = AnalyticsBrowser.load({ writeKey, cdnURL }, options);
      window.analytics.on('error', (error) => window.failures.push(String(error.reason)));
      const [instance] = await window.analytics;
      return { anonymousId: instance.user().anonymousId(), apiHost: instance.settings.apiHost };
    },
    { writeKey, cdnURL: settingsFrom, options },
  );
}

async function everyCall() {
  return withPage(async (page) => {
    const who = randomUUID();
    const loaded = await load(page);
    check('the settings tell where to send', loaded.apiHost === `${new URL(url).host}/v1`, loaded.apiHost);
    const ids = await page.evaluate(async (who) => {
      const contexts = [
        await window.analytics.track('Cart Viewed', { cart_id: 'c' }),
        await window.analytics.page('Shop', 'Home', { path: '/' }),
        await window.analytics.identify(`u-${who}`, { email: `${who}@example.com` }),
        await window.analytics.group(`g-${who}`, { name: 'Acme' }),
        await window.analytics.screen('Start'),
        await window.analytics.alias(`u-${who}`),
      ];
      for (let i = 0; i < 12; i += 1) contexts.push(await window.analytics.track('Product Viewed', { position: i }));
      return contexts.map((context) => context.event.messageId);
    }, who);
    const failures = await page.evaluate(() => window.failures);
    check('the library reports no failure', failures.length === 0, failures);
    await arrivedOnce(`user_id:u-${who}`, ids);
    await arrivedOnce(`anonymous_id:${loaded.anonymousId}`, [ids[0]]);
    return `${ids.length} events, one request each, with pre-flights`;
  });
}

async function batching() {
  return withPage(async (page) => {
    const who = randomUUID();
    await load(page, {
      integrations: { 'Segment.io': { deliveryStrategy: { strategy: 'batching', config: { size: 10, timeout: 60_000 } } } },
    });
    const ids = await page.evaluate(async (who) => {
      window.analytics.identify(`u-${who}`);
      const contexts = [];
      for (let i = 0; i < 13; i += 1) contexts.push(await window.analytics.track('Product Viewed', { position: i }));
      return contexts.map((context) => context.event.messageId);
    }, who);
    // What does not fill a batch leaves when the page does.
    await page.goto('about:blank');
    await arrivedOnce(`user_id:u-${who}`, ids);
    return `${ids.length} events, the last with the page that went away`;
  });
}

async function inBadWeather() {
  const way = await weather(url, ['busy', 'deaf', 'away']);
  try {
    return await withPage(async (page) => {
      const who = randomUUID();
      await load(page, {
        integrations: { 'Segment.io': { apiHost: `${new URL(way.url).host}/v1`, protocol: 'http' } },
      });
      const ids = await page.evaluate(async (who) => {
        const contexts = [await window.analytics.identify(`u-${who}`)];
        for (let i = 0; i < 3; i += 1) contexts.push(await window.analytics.track('Product Viewed', { position: i }));
        return contexts.map((context) => context.event.messageId);
      }, who);
      await arrivedOnce(`user_id:u-${who}`, ids);
      const met = way.seen.map((request) => request.what).filter((what) => what !== 'fine');
      check('all of the weather was met', met.length === 3, met);
      return `${ids.length} events over ${way.seen.length} requests, of which ${met.join(', ')}`;
    });
  } finally {
    way.close();
  }
}

/** What a page does with /v1/identity before it loads the library. */
function identity(page, method = 'GET', body) {
  return page.evaluate(
    async ({ url, method, body }) => {
      const response = await fetch(`${url}/v1/identity`, { method, credentials: 'include', body });
      return { status: response.status, ...(await response.json()) };
    },
    { url, method, body: body && JSON.stringify(body) },
  );
}

async function cookie() {
  const origin = `http://localhost:${pagePort}`;
  const asked = await fetch(`${url}/v1/identity`, { headers: { Origin: origin } });
  if (asked.status === 403) {
    throw new Error(`the stack must be started with THROUGHLINE_IDENTITY_COOKIE_ORIGINS=${origin}, see CONTRIBUTING.md`);
  }
  return withPage(async (page, context) => {
    const first = await identity(page);
    check('a browser is given an id', first.status === 200 && first.isNew, first);
    const [kept] = (await context.cookies(url)).filter((c) => c.value === first.anonymousId);
    check('it is in a cookie', kept !== undefined, await context.cookies(url));
    check('no script can read it', kept.httpOnly && kept.secure && kept.sameSite === 'Lax', kept);
    check('the page does not see it', (await page.evaluate(() => document.cookie)) === '');

    await page.evaluate(() => localStorage.clear());
    const again = await identity(page, 'POST', { anonymousId: randomUUID() });
    check('it outlives cleared storage', again.anonymousId === first.anonymousId && !again.isNew, again);

    const messageId = randomUUID();
    const status = await page.evaluate(
      async ({ url, writeKey, messageId }) => {
        const response = await fetch(`${url}/v1/t`, {
          method: 'POST',
          credentials: 'include',
          headers: { 'Content-Type': 'text/plain' },
          body: JSON.stringify({ writeKey, messageId, event: 'Cart Viewed' }),
        });
        return response.status;
      },
      { url, writeKey, messageId },
    );
    check('an event that names nobody is taken', status === 200, status);
    await arrivedOnce(`anonymous_id:${first.anonymousId}`, [messageId]);

    await load(page);
    const own = await page.evaluate(async (id) => {
      await window.analytics.setAnonymousId(id);
      return (await window.analytics.track('Product Viewed')).event;
    }, first.anonymousId);
    await arrivedOnce(`anonymous_id:${first.anonymousId}`, [own.messageId]);

    const next = await identity(page, 'DELETE');
    check('who logs out is not the next one', next.isNew && next.anonymousId !== first.anonymousId, next);
    return kept.name;
  });
}

async function foreignPage() {
  return withPage(
    async (page) => {
      const who = randomUUID();
      await load(page);
      const id = await page.evaluate(
        async (who) => (await window.analytics.identify(`u-${who}`)).event.messageId,
        who,
      );
      await arrivedOnce(`user_id:u-${who}`, [id]);
      const answer = await identity(page).catch((failure) => String(failure));
      check('its cookie is not for this page', /Failed to fetch/.test(answer), answer);
      return 'events taken, identity refused';
    },
    `http://127.0.0.1:${pagePort}`,
  );
}

async function beaconAndPixel() {
  return withPage(async (page) => {
    const who = randomUUID();
    const ids = [randomUUID(), randomUUID()];
    const width = await page.evaluate(
      async ({ url, writeKey, who, ids }) => {
        const query = new URLSearchParams({
          writeKey,
          anonymousId: `a-${who}`,
          messageId: ids[0],
          event: 'Offer Seen',
          'properties.offer': 'spring',
        });
        const image = new Image();
        image.src = `${url}/pixel/v1/track?${query}`;
        await image.decode();
        const batch = { batch: [{ type: 'page', anonymousId: `a-${who}`, messageId: ids[1], name: 'Offers' }] };
        navigator.sendBeacon(
          `${url}/beacon/v1/batch?writeKey=${writeKey}`,
          new Blob([JSON.stringify(batch)], { type: 'text/plain' }),
        );
        return image.naturalWidth;
      },
      { url, writeKey, who, ids },
    );
    check('the answer is an image', width === 1, width);
    await arrivedOnce(`anonymous_id:a-${who}`, ids);
    return '2 events';
  });
}

/** From a mail's link to the customer it went to; needs the local stack's mail sink and throughline.channel.link-parameter. */
async function linkOfAMessage() {
  const who = randomUUID();
  const email = `${who}@example.com`;
  const key = `check-${who}`;
  await api('PUT', `/api/templates/${key}`, {
    variants: [
      { channel: 'email', subject: 'Your cart', html: `<p><a href="http://localhost:${pagePort}/cart?a=1#top">cart</a></p>` },
    ],
  });
  await api(
    'PUT',
    `/api/journeys/${key}`,
    `journey: ${key}\ncategory: transactional\nentry: { on: "Check ${who}" }\nsteps:\n  - send: { channel: email, template: ${key} }\n`,
    'application/yaml',
  );
  await api('POST', `/api/journeys/${key}/activate`);
  const send = (body) =>
    fetch(`${url}/v1/batch`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${writeKey}:`)}` },
      body: JSON.stringify({ batch: body }),
    }).then((response) => check('the event is taken', response.status === 200, response.status));
  await send([{ type: 'identify', userId: `u-${who}`, traits: { email } }]);
  await api('PUT', '/api/consents', { identifier: `email:${email}`, channel: 'email', state: 'opted_in', source: 'check' });
  const { id } = await customerOf(`email:${email}`);
  const mail = await eventually('the mail arrives', async () => {
    await send([{ type: 'track', userId: `u-${who}`, event: `Check ${who}`, messageId: `once-${who}` }]);
    const response = await fetch(`${simulators}/mails?to=${email}`);
    return JSON.stringify(await response.json()).match(/http[^"\\ ]*\/c\/[A-Za-z0-9_-]{22}/)?.[0];
  });
  return withPage(async (page) => {
    await page.goto(mail.replace(/^http:\/\/[^/]*/, url));
    const landed = new URL(page.url());
    const link = landed.searchParams.get('tl_link');
    check('the page is told the token', link !== null && landed.searchParams.get('a') === '1', page.url());
    const answer = await identity(page, 'POST', { link, writeKey });
    check('the hint is taken', answer.link === 'taken', answer);
    const holder = await customerOf(`anonymous_id:${answer.anonymousId}`);
    check('the browser is whom the mail went to', holder.id === id, holder.id);
    const text = JSON.stringify(answer);
    check('the answer does not say who', !text.includes(email) && !text.includes(id), answer);
    return 'from the mail to the customer';
  });
}

export const checks = [
  ['@segment/analytics-next: every call arrives once', everyCall],
  ['@segment/analytics-next: batches, and the rest when the page goes away', batching],
  ['@segment/analytics-next: 429, 503 and a lost answer lose and repeat nothing', inBadWeather],
  ['identity cookie: outlives cleared storage, on http://localhost too', cookie],
  ['a page of another site: may send events, may not ask who it is', foreignPage],
  ['RudderStack beacon and pixel', beaconAndPixel],
  ...(simulators ? [['the link of a message tells whose browser it is', linkOfAMessage]] : []),
];
