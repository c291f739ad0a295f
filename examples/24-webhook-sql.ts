// Webhooks claimed in a SQL table, and an effect that happens exactly once: it is committed together with its record.

import { createFalWebhookHandler } from '@fal-llm/server'
import type { WebhookClaims } from '@fal-llm/server'
import { PGlite } from '@electric-sql/pglite'

/** PostgreSQL in this process; `new Pool()` of `pg` has the same `query`. */
export const database = new PGlite()

await database.exec(`
  create table webhook_claims (
    id text primary key,
    owner text not null,
    is_done boolean not null default false,
    claimed_at timestamptz not null default now()
  );
  create table answers (request_id text primary key, answer jsonb not null);
`)

export const claims: WebhookClaims = {
  async claim(id, owner) {
    // One statement: the primary key lets one machine in. Two minutes are longer than the longest work takes.
    const taken = await database.query(
      `insert into webhook_claims (id, owner) values ($1, $2)
       on conflict (id) do update set owner = excluded.owner, claimed_at = now()
         where not webhook_claims.is_done and webhook_claims.claimed_at < now() - interval '2 minutes'
       returning id`,
      [id, owner],
    )
    if (taken.rows.length > 0) return 'claimed'
    const found = await database.query<{ is_done: boolean }>(
      'select is_done from webhook_claims where id = $1',
      [id],
    )
    return found.rows[0]?.is_done ? 'done' : 'busy'
  },
  complete: (id) => database.query('update webhook_claims set is_done = true where id = $1', [id]),
  release: (id, owner) =>
    database.query('delete from webhook_claims where id = $1 and owner = $2 and not is_done', [
      id,
      owner,
    ]),
}

export const webhook = createFalWebhookHandler({
  claims,
  expectedUserId: process.env.FAL_USER_ID ?? '',
  onEvent: async ({ requestId, payload }) => {
    // If this process stops between the commit and `complete`, another one comes here again, and this changes nothing.
    await database.query(
      'insert into answers (request_id, answer) values ($1, $2) on conflict do nothing',
      [requestId, JSON.stringify(payload)],
    )
  },
  ...(process.env.FAL_JWKS_URL !== undefined && { jwksUrl: process.env.FAL_JWKS_URL }),
})
