// The stack under check, through its public API alone.

const setting = (name, otherwise) => process.env[name] || otherwise;

export const url = setting('THROUGHLINE_URL', 'http://localhost:8080').replace(/\/$/, '');
export const writeKey = setting('THROUGHLINE_WRITE_KEY', 'local-write-key');
export const simulators = setting('THROUGHLINE_SIMULATORS_URL', '').replace(/\/$/, '');
const token = setting('THROUGHLINE_ADMIN_TOKEN', 'local-admin-token');

const PATIENCE_MS = 30_000;

export async function api(method, path, body, type = 'application/json') {
  const response = await fetch(url + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': type },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** What a condition gives once it gives something; fails with what it last said. */
export async function eventually(what, condition, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  let last;
  do {
    try {
      last = await condition();
      if (last) return last;
    } catch (failure) {
      last = failure;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  } while (Date.now() < end);
  throw new Error(`${what}: not so within ${patience / 1000} s, last was ${last}`);
}

/** The customer that holds an identifier, once there is one. */
export function customerOf(identifier) {
  return eventually(`a customer holds ${identifier}`, async () => {
    const { items } = await api('GET', `/api/customers?identifier=${encodeURIComponent(identifier)}`);
    return items[0];
  });
}

async function timeline(customer) {
  const entries = [];
  let cursor;
  do {
    const page = await api('GET', `/api/customers/${customer}/timeline?limit=500${cursor ? `&cursor=${cursor}` : ''}`);
    entries.push(...page.items.filter((item) => item.kind === 'event').map((item) => item.entry));
    cursor = page.next;
  } while (cursor);
  return entries;
}

/**
 * Waits until every message has arrived with the customer, then looks a little longer whether one comes again.
 * Gives the entries by message id.
 */
export async function arrivedOnce(identifier, messageIds) {
  const { id } = await customerOf(identifier);
  const missing = (entries) => messageIds.filter((wanted) => !entries.some((entry) => entry.messageId === wanted));
  await eventually(`all of ${messageIds.length} messages are in the timeline of ${identifier}`, async () => {
    const left = missing(await timeline(id));
    if (left.length > 0) throw new Error(`${left.length} are missing, as ${left[0]}`);
    return true;
  });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const entries = await timeline(id);
  for (const wanted of messageIds) {
    const times = entries.filter((entry) => entry.messageId === wanted).length;
    if (times !== 1) throw new Error(`${wanted} is ${times} times in the timeline of ${identifier}`);
  }
  return new Map(entries.map((entry) => [entry.messageId, entry]));
}

export function check(what, holds, found) {
  if (!holds) throw new Error(`${what}${found === undefined ? '' : `, found ${JSON.stringify(found)}`}`);
}
